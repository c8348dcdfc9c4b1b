"""An order within half a year from a model of four weeks, on CDNOW at 1998-01-01, beside Pareto/NBD.

python -m benchmarks.models.horizon DATA
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from features.clock import Clock, to_date
from features.history import History
from features.past import Past, Snapshots
from features.stages.fit import fit_spec
from features.table import feature_matrix
from stagecast import Config, check
from training import metrics
from training.baselines.btyd.beta_geometric import MbgNbd
from training.baselines.btyd.by_cutoff import histories_of
from training.baselines.btyd.pareto import ParetoNbd
from training.bench import Bench
from training.bootstrap import Resampling, paired_auroc_interval, paired_interval
from training.splits import split

CUTOFF, DAYS = "1998-01-01", 181
CLOCK = Clock("thu")
"""1998-01-01 was a Thursday."""


def main() -> None:
    """Print log loss and AUROC of each, then the model less each with intervals over customers."""
    recipe = Config().overridden("clock", week_starts="thu").overridden("training", threads=1).recipe
    orders = check(str(Path(sys.argv[1]) / "cdnow.parquet"), Config()).orders
    everything, cutoff = History.of(orders), CLOCK.tick(CUTOFF)
    known = History.of(orders[orders["ordered_at"] < pd.Timestamp(to_date(cutoff))])
    cutoffs = split(known.first_day, cutoff, recipe.period_days, recipe.training, judge=0)
    spec = fit_spec(known, cutoffs.calibrate[0], recipe.period_days, recipe.stages, CLOCK)
    bench = Bench(known, spec, recipe, cutoff, lambda _: None)
    model, _ = bench.fit(cutoffs)
    snapshots = Snapshots.of(known, [cutoff])
    past = Past(known, snapshots, spec)
    features = pd.DataFrame(feature_matrix(past, bench.features))
    facts = pd.DataFrame({"recency": past.recency, "tenure": past.tenure, "order_days": past.count("order_day")})
    h = histories_of(facts)
    said = {"stagecast": model.p_order_within(features, DAYS)}
    for name, kind in (("Pareto/NBD", ParetoNbd), ("MBG/NBD", MbgNbd)):
        said[name] = kind.fit(h.distinct()).probability_to_order(h, DAYS / 7)
    ordered = _ordered(everything, snapshots, DAYS)
    _tell(said, ordered, snapshots.customer, model.calibration.model_dump_json())


def _ordered(history: History, snapshots: Snapshots, days: int) -> np.ndarray:
    totals = history.totals("order_day")
    now = history.before(snapshots.customer, snapshots.cutoff)
    then = history.before(snapshots.customer, snapshots.cutoff + days)
    return totals[then] > totals[now]


def _tell(said: dict[str, np.ndarray], ordered: np.ndarray, customers: np.ndarray, calibration: str) -> None:
    resampling = Resampling(1000, seed=1)
    print(f"{len(ordered):,} customers, {ordered.mean():.4f} order; {calibration}")
    mine = said["stagecast"]
    for name, p in said.items():
        print(f"{name}: log loss {metrics.log_loss(ordered, p):.4f}, AUROC {metrics.auroc(ordered, p):.4f}", end="")
        print(f", mean {p.mean():.4f}", end="" if name != "stagecast" else "\n")
        if name != "stagecast":
            losses = (metrics.log_losses(ordered, each) for each in (mine, p))
            print(f"; ours less: {paired_interval(*losses, customers, resampling)}", end="")
            print(f", {paired_auroc_interval(ordered, mine, p, customers, resampling)}")


if __name__ == "__main__":
    main()
