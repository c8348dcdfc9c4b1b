"""The constants of the stage definition, each tried one at a time on one half of the customers, shown on the other.

A value is taken if, against the starting definition, on three of the four
shops separation rises by at least 1 % or another criterion gets better by at
least 10 %, if separation falls on none beyond chance, and no other criterion
gets worse by more than 10 % on any (the delay counts where at least 100 customers
left). Of several values that pass the one that separates best on average is taken,
and all that is taken must pass together.

    python benchmarks/stages/tuning.py ../shared/data
"""

import argparse
from pathlib import Path

import numpy as np
from criteria import Criteria, judge
from shops import CLOCK, Shop, shops

from features.config import StageConfig
from features.fixed import Floats
from features.stages.fit import fit_spec

START = {"quantile": 0.8, "balance": 0, "formative_days": 2, "stable_days": 4, "running": 2, "shortest_silence": 14}
"""What the definition began with; every other constant began as it is now."""

GRID: dict[str, list[float]] = {
    "quantile": [0.7, 0.75, 0.85, 0.9],
    "balance": [0.5, 1],
    "lost_quantile": [0.955, 0.965, 0.985],
    "follow_up_weeks": [13, 39, 52],
    "shrinkage": [1, 2, 5, 8],
    "formative_days": [3],  # 4 would leave nothing between trial and stable
    "stable_days": [3, 5, 6, 7],
    "holds_up": [0.4, 0.6, 0.7],
    "falls_off": [0.25, 0.3, 0.4, 0.45],
    "fall_weeks": [13, 26],
    "running": [1, 3, 4, 5, 6],
    "steady": [1, 3, 4],
    "settled_gaps": [1, 3],
    "level_gaps": [2, 4, 6],
    "level_periods": [1, 3],
    "level_weeks": [26, 52],
    "shortest_silence": [7, 21, 28],
}
PAIRS = [{"balance": balance, "quantile": q} for balance in (0.5, 1) for q in (0.65, 0.7, 0.75)]
"""Two constants that belong together: a fairer share of late customers needs another one to begin with."""

_DRAWS, _SEED = 400, 1
_FEWEST_DEPARTED = 100


def weights(shop: Shop) -> Floats:
    """Bootstrap weights of the shop's customers, the same for every definition."""
    number = len(shop.side)
    return np.random.default_rng(_SEED).multinomial(number, np.full(number, 1 / number), size=_DRAWS).astype(float)


def judged(shop: Shop, constants: dict[str, float]) -> Criteria:
    """Criteria of the definition with some constants, fitted on the reference half."""
    spec = fit_spec(shop.history, shop.reference, shop.period, StageConfig.model_validate(constants), CLOCK)
    return judge(shop, spec, weights(shop))


def passes(new: list[Criteria], old: list[Criteria]) -> bool:
    """Whether the rule at the top takes the new definition."""
    pairs = list(zip(new, old, strict=True))
    rises = sum(n.separation >= 1.01 * o.separation for n, o in pairs) >= 3
    falls = any(np.quantile(n.draws - o.draws, 0.975) < 0 for n, o in pairs)
    changes = [_changes(n, o) for n, o in pairs]
    better = any(sum(change <= 0.9 for change in criterion) >= 3 for criterion in zip(*changes, strict=True))
    worse = any(change > 1.1 for shop in changes for change in shop)
    return (rises or better) and not falls and not worse


def _changes(new: Criteria, old: Criteria) -> tuple[float, float, float]:
    """Flicker, delay and false alarms against the old ones, as ratios; 1 where too few customers left to tell."""
    told = min(new.departed, old.departed) >= _FEWEST_DEPARTED
    delay = new.delay / old.delay if told else 1.0
    return new.flicker / old.flicker, delay, new.false_alarms / old.false_alarms


def row(name: str, found: list[Criteria], start: list[Criteria], mark: str = "") -> str:
    """A definition as a Markdown row: each criterion on the four shops; separation against the start in per cent."""
    gains = [100 * (n.separation / o.separation - 1) for n, o in zip(found, start, strict=True)]
    cells = [
        " ".join(f"{gain:+.1f}" for gain in gains),
        " ".join(f"{c.flicker:.2f}" for c in found),
        " ".join(f"{c.delay:.0f}" for c in found),
        " ".join(f"{c.false_alarms:.2f}" for c in found),
        mark,
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the sweep on the choosing half, then start and choice on the other half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    choosing = list(shops(folder, 0))
    start = [judged(shop, START) for shop in choosing]
    print("| definition | separation, % | flicker | delay | false alarms | |\n|---|---|---|---|---|---|")
    print(row("start", start, start))
    for change in [{name: value} for name, values in GRID.items() for value in values] + PAIRS:
        found = [judged(shop, START | change) for shop in choosing]
        name = ", ".join(f"{key} = {value:g}" for key, value in change.items())
        print(row(name, found, start, "passes" if passes(found, start) else ""), flush=True)
    chosen = [judged(shop, {}) for shop in choosing]
    print(row("**chosen, together**", chosen, start, "passes" if passes(chosen, start) else "FAILS"))
    shown = list(shops(folder, 1))
    before, after = ([judged(shop, constants) for shop in shown] for constants in (START, {}))
    print("\nOn the other half of the customers:\n")
    print("| definition | separation, % | flicker | delay | false alarms | |\n|---|---|---|---|---|---|")
    print(row("start", before, before))
    print(row("chosen", after, before, "passes" if passes(after, before) else "FAILS"))
    for shop, new, old in zip(shown, after, before, strict=True):
        low, high = np.quantile(new.draws - old.draws, [0.025, 0.975])
        said = f"{old.separation:.3f} -> {new.separation:.3f}: {new.separation - old.separation:+.3f}"
        print(f"- {shop.name}: separation {said} [{low:+.3f}, {high:+.3f}]")


if __name__ == "__main__":
    main()
