"""Beyond the period, at many development cut-offs: python -m benchmarks.models.beyond DATA [SHOP ...].

Two tables a shop and horizon: shares of the two ways of `features.model.horizon` beside the
classics, and period by period what was said and what came of those silent until then. Half of the
customers, but all of clvtools_apparel, where nothing is reported.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.models.compare import sigmoid
from benchmarks.models.hazard import ordered, table
from benchmarks.models.shops import CLOCK
from benchmarks.models.value import fitted, read
from features.clock import WEEK
from features.fixed import Floats
from features.model.calibration import log_odds
from features.model.forecast import Model
from features.model.horizon import Horizon
from features.model.onward import Seen
from training.baselines.btyd.by_cutoff import histories_of
from training.baselines.btyd.pareto import ParetoNbd
from training.calibrate import shift
from training.table import Table

CUTOFFS = {
    "cdnow": (10, 14, (84, 112, 140, 181)),
    "online_retail_2": (7, 28, (84, 112, 140, 182)),
    "btydplus_grocery": (11, 28, (84, 182)),
    "completejourney": (4, 14, (42, 70)),
    "clvtools_apparel": (21, 84, (84, 181)),
}
"""By shop: how many cut-offs, days between them, and how far is looked ahead; the windows end before `ENDS`."""

ENDS = {"cdnow": "1998-01-01", "clvtools_apparel": "2010-12-20"}
"""Where it is not the first reported cut-off: the half-year that papers report is not looked at either."""

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Of the second way."""


def horizon(model: Model, later: Table, longest: int) -> Horizon:
    """The customers of a cut-off, waited for."""
    period, known = model.contract.period_days, model.calibration
    first = log_odds(model.p_order_within(later.features, period, 1))
    assert known.waiting is not None
    return Horizon(first, period, longest, Seen.of(later.features), known.waiting, known.onward)


def ways(two: Horizon, later: Table, days: int) -> dict[str, Floats]:
    """Log odds of an order within so many days."""
    one = Horizon(two.first, two.period_days, two.longest, two.seen, two.waiting, None).logit(days)
    other = 2 * two.logit(days) - one
    histories = histories_of(later.facts)
    shares = {f"second way {share}": (1 - share) * one + share * other for share in SHARES}
    pareto = ParetoNbd.fit(histories.distinct()).probability_to_order(histories, days / WEEK)
    return {**shares, "MBG/NBD": two.seen.logit(two.waiting, days), "Pareto/NBD": log_odds(pareto)}


def steps(two: Horizon, came: list[np.ndarray]) -> list[tuple[Floats, np.ndarray]]:
    """Log odds of each period of who was silent until it, and whether an order came; `came`: by its end, (n,) each."""
    made, before = [], np.zeros(len(two.first), dtype=bool)
    for k, until in enumerate(came):
        begin = k * two.period_days
        assert two.onward is not None
        said = two.onward.logit(two.seen.after(begin), two.waiting, two.period_days) if k else two.first
        made.append((said[~before], until[~before]))
        before = until
    return made


def study(data: Path, name: str) -> None:
    """Print the tables of a shop."""
    shop = read(data, name, halved=name != "clvtools_apparel")
    number, apart, horizons = CUTOFFS[name]
    end = int(np.datetime64(ENDS[name], "D").astype(int)) if name in ENDS else shop.first_reported
    newest = CLOCK.floor(end - min(horizons))
    found: dict[int, tuple[dict[str, list[Floats]], list[np.ndarray], list[np.ndarray]]] = {}
    walked: list[list[tuple[Floats, np.ndarray]]] = []
    for cutoff in range(newest - apart * (number - 1), newest + 1, apart):
        model, later = fitted(shop.history, shop.period, cutoff, cutoff + shop.period)
        facts = later.facts.assign(customer=later.snapshots.customer, cutoff=cutoff)
        two = horizon(model, later, max(horizons))
        for days in (days for days in horizons if cutoff + days <= end):
            said, y, who = found.setdefault(days, ({}, [], []))
            for way, logit in ways(two, later, days).items():
                said.setdefault(way, []).append(logit)
            y.append(ordered(shop, facts, days))
            who.append(later.snapshots.customer)
        ends = range(shop.period, min(end - cutoff, max(horizons)) + 1, shop.period)
        walked.append(steps(two, [ordered(shop, facts, days) for days in ends]))
    for days, (said, y, who) in found.items():
        print(f"\n{name}, {days} days, {len(y)} cut-offs, {np.concatenate(y).mean():.3f}")
        print(table(said, y, who, "second way 0.5").to_string(index=False, float_format=lambda v: f"{v:.4f}"))
    print(levels(walked).to_string(index=False, float_format=lambda v: f"{v:.3f}"), flush=True)


def levels(walked: list[list[tuple[Floats, np.ndarray]]]) -> pd.DataFrame:
    """Period by period, over all cut-offs that reach it: said, came, and the shift of log odds between them."""
    made = []
    for k in range(max(map(len, walked))):
        logit, came = (np.concatenate([one[k][i] for one in walked if len(one) > k]) for i in (0, 1))
        made.append((k + 1, len(came), sigmoid(logit).mean(), came.mean(), shift(logit, came)))
    return pd.DataFrame(made, columns=["period", "rows", "said", "came", "off"])


def main() -> None:
    """All shops, or those named."""
    data, *names = sys.argv[1:]
    for name in names or CUTOFFS:
        study(Path(data), name)


if __name__ == "__main__":
    main()
