"""True stages against said ones in every simulated scenario: what the documentation's tables are made of.

The spec is fitted on the first half of each log and judged on the second.
With `--ceiling` a classifier that is told the truth of other customers (of the
same scenario, another seed) says what can be known from orders at all: LightGBM
on every feature that stagecast has, its classes weighted for macro-F1.

    python benchmarks/stages/recovery.py --customers 20000 --ceiling
"""

import argparse

import lightgbm as lgb
import numpy as np

from features.clock import Clock
from features.families import all_features
from features.fixed import Floats
from features.history import History
from features.past import Past, Snapshots
from features.stages.fit import fit_spec
from features.stages.moves import STAGES
from features.stages.spec import StageSpec
from features.table import feature_matrix
from stagecast import Config
from training.simulation import SCENARIOS, Scenario, simulate
from training.simulation.confusion import confusion_of, mean_f1
from training.simulation.recovery import Recovery, recover
from training.simulation.truth import Truth

SEED, OTHER_SEED = 1, 2
_WEEKS = (4, 8, 13, 26)
_TRIED = (0.6, 0.75, 0.9, 1.1, 1.3, 1.6)


def main() -> None:
    """Print the table of all scenarios, then each confusion table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--scenarios", default=",".join(SCENARIOS))
    parser.add_argument("--ceiling", action="store_true", help="also what can be known at all (minutes)")
    asked = parser.parse_args()
    config = Config()
    found = {}
    print(head(), flush=True)
    for name in asked.scenarios.split(","):
        shop = simulate(SCENARIOS[name], asked.customers, SEED)
        found[name] = recover(shop, config.stages, config.period_days)
        best = ceiling(SCENARIOS[name], asked.customers, config) if asked.ceiling else float("nan")
        print(row(name, found[name], best), flush=True)
    for name, one in found.items():
        print(f"\n{name}, shares of customer-ticks:\n\n{confusion(one)}")


def head() -> str:
    """The head of the table."""
    titles = ["scenario", "macro-F1", *(f"F1 {stage}" for stage in STAGES), "ceiling", "moves into regression"]
    titles += ["found after, median weeks", *(f"within {weeks}" for weeks in _WEEKS)]
    return _line(titles) + "\n" + _line(["---"] * len(titles))


def row(name: str, found: Recovery, best: float) -> str:
    """One scenario."""
    score = found.macro_f1
    cells = [name, f"{score.estimate:.3f} [{score.low:.3f}, {score.high:.3f}]", *(f"{f1:.2f}" for f1 in found.f1)]
    cells += ["" if np.isnan(best) else f"{best:.2f}", f"{found.moves:,}", f"{found.weeks_to_find(0.5):.0f}"]
    return _line([*cells, *(f"{found.found_within(weeks):.2f}" for weeks in _WEEKS)])


def confusion(found: Recovery) -> str:
    """True stages as rows, said ones as columns, with precision and recall."""
    shares = found.confusion / found.confusion.sum()
    lines = [["true \\ said", *STAGES, "recall"], ["---"] * (len(STAGES) + 2)]
    for stage, cells, recall in zip(STAGES, shares, found.recall, strict=True):
        lines.append([stage, *(f"{cell:.3f}" for cell in cells), f"{recall:.2f}"])
    lines.append(["precision", *(f"{share:.2f}" for share in found.precision), ""])
    return "\n".join(map(_line, lines))


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def ceiling(scenario: Scenario, customers: int, config: Config) -> float:
    """Macro-F1 of a classifier that learnt from the truth of other customers."""
    features, true, spec = _table(scenario, customers, config, OTHER_SEED)
    settings = {"objective": "multiclass", "num_class": len(STAGES), "learning_rate": 0.07, "verbose": -1}
    model = lgb.train(settings | {"min_data_in_leaf": 100, "num_threads": 2}, lgb.Dataset(features, true), 300)
    features, true, _ = _table(scenario, customers // 2, config, SEED, spec)
    return _best(np.asarray(model.predict(features)), true)


def _table(
    scenario: Scenario, customers: int, config: Config, seed: int, spec: StageSpec | None = None
) -> tuple[Floats, np.ndarray, StageSpec]:
    """Features and true stages at every eighth tick of the second half."""
    shop, clock = simulate(scenario, customers, seed), Clock()
    history, truth = History.of(shop.orders), Truth.of(shop.truth)
    middle = clock.after(scenario.begin + scenario.days // 2 - 1)
    used = spec or fit_spec(history, middle, config.period_days, config.stages, clock)
    snapshots = Snapshots.of(history, list(range(middle, scenario.end, 56)))
    columns = feature_matrix(Past(history, snapshots, used), all_features(config.features.windows, history.has))
    numbers = [column for column in columns.values() if np.asarray(column).dtype.kind in "fiub"]
    true = truth.stage[truth.rows_at(snapshots.customer, snapshots.cutoff)]
    return np.column_stack(numbers).astype(np.float64), true, used


def _best(chances: Floats, true: np.ndarray) -> float:
    """The best macro-F1 that weights of the classes give: a bound from above, since they are chosen on the outcome."""
    weights, best = np.ones(len(STAGES)), -1.0
    for _ in range(3):
        for stage in range(len(STAGES)):
            for factor in (1.0, *_TRIED):
                tried = weights.copy()
                tried[stage] *= factor
                score = mean_f1(confusion_of(true, (chances * tried).argmax(axis=1)))
                if score > best:
                    best, weights = score, tried
    return best


if __name__ == "__main__":
    main()
