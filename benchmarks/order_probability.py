"""Probability to order against BG/NBD, rolling origin: what the README's table is made of.

For each reported cut-off a model is trained, as `stagecast train` does it, on
the orders before it; BG/NBD is fitted on the same orders. Both say how likely
each known customer is to order in the period that follows.

    python benchmarks/order_probability.py ORDERS --last 2011-05-30 --cutoffs 6
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit

from features.clock import to_date
from features.fixed import Floats
from features.history import History
from features.stages.fit import fit_spec
from features.stages.moves import Booleans
from stagecast import Config, check
from training import metrics
from training.baselines.btyd import btyd_columns
from training.bench import Bench
from training.bootstrap import Interval, Ranking, Resampling, paired_auroc_interval, paired_interval
from training.splits import split


@dataclass(frozen=True)
class Week:
    """What both said at one cut-off, and what happened; arrays of shape (n,)."""

    cutoff: int
    customers: np.ndarray
    ordered: Booleans
    ours: Floats
    theirs: Floats


def judge_at(orders: pd.DataFrame, history: History, cutoff: int, config: Config) -> Week:
    """Fit on what was known at a cut-off as `stagecast train` does, then predict the period after it."""
    known = History.of(orders[orders["ordered_at"] < pd.Timestamp(to_date(cutoff))])
    recipe = config.recipe
    cutoffs = split(known.first_day, cutoff, recipe.period_days, recipe.training, judge=0)
    spec = fit_spec(known, cutoffs.calibrate[0], recipe.period_days, recipe.stages, recipe.clock)
    model, _ = Bench(known, spec, recipe, cutoff, lambda _: None).fit(cutoffs)
    later = Bench(history, spec, recipe, cutoff + recipe.period_days, lambda _: None).table([cutoff])
    return Week(
        cutoff,
        history.customers[later.snapshots.customer],
        later.labels.ordered,
        model.forecast(later.features).p_order,
        np.asarray(expit(btyd_columns(later, recipe.period_days)["bgnbd_logit"])),
    )


def within(weeks: list[Week], resampling: Resampling) -> Interval:
    """Mean over cut-offs of the difference in AUROC; ranks of different weeks are never compared."""
    codes = pd.factorize(np.concatenate([week.customers for week in weeks]))[0]
    parts = np.split(codes, np.cumsum([len(week.customers) for week in weeks])[:-1])
    return resampling.interval(*_differences(weeks, parts, resampling))


def _differences(weeks: list[Week], parts: list[np.ndarray], resampling: Resampling) -> tuple[float, list[float]]:
    rankings = [(Ranking.of(week.ordered, week.ours), Ranking.of(week.ordered, week.theirs)) for week in weeks]

    def mean(weights: list[Floats]) -> float:
        return float(np.mean([a.auroc(w) - b.auroc(w) for (a, b), w in zip(rankings, weights, strict=True)]))

    estimate = mean([np.ones(len(part)) for part in parts])
    number = max(int(part.max()) for part in parts) + 1
    return estimate, [mean([w[part] for part in parts]) for w in resampling.weights(number)]


def main() -> None:
    """Print one line a cut-off, then the pooled comparison with intervals over customers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("orders")
    parser.add_argument("--last", required=True, help="last cut-off to report")
    parser.add_argument("--cutoffs", type=int, default=6, help="how many, a period apart")
    parser.add_argument("--period", default="28d")
    asked = parser.parse_args()
    config = Config().overridden("training", period=asked.period)
    orders = check(asked.orders, config).orders
    history = History.of(orders)
    last = config.the_clock.tick(asked.last)
    weeks = []
    for cutoff in range(last - config.period_days * (asked.cutoffs - 1), last + 1, config.period_days):
        weeks.append(judge_at(orders, history, cutoff, config))
        print(row(weeks[-1]), flush=True)
    print(verdict(weeks))


def row(week: Week) -> str:
    """One cut-off as a Markdown row."""
    y = week.ordered
    numbers = [
        f"{to_date(week.cutoff)}",
        f"{len(y):,}",
        f"{y.mean():.3f}",
        *(f"{metrics.log_loss(y, p):.4f}" for p in (week.ours, week.theirs)),
        *(f"{metrics.auroc(y, p):.4f}" for p in (week.ours, week.theirs)),
    ]
    return "| " + " | ".join(numbers) + " |"


def verdict(weeks: list[Week]) -> str:
    """Differences over all cut-offs, with 95 % intervals over customers."""
    customers = np.concatenate([week.customers for week in weeks])
    y = np.concatenate([week.ordered for week in weeks])
    ours, theirs = (np.concatenate([getattr(week, side) for week in weeks]) for side in ("ours", "theirs"))
    resampling = Resampling(1000, seed=1)
    loss = paired_interval(metrics.log_losses(y, ours), metrics.log_losses(y, theirs), customers, resampling)
    pooled = paired_auroc_interval(y, ours, theirs, customers, resampling)
    return "\n".join(
        [
            f"log loss {metrics.log_loss(y, ours):.4f}, BG/NBD {metrics.log_loss(y, theirs):.4f}: {loss}",
            f"AUROC within a cut-off, mean difference: {within(weeks, resampling)}",
            f"AUROC over all rows {metrics.auroc(y, ours):.4f}, BG/NBD {metrics.auroc(y, theirs):.4f}: {pooled}",
            f"calibration error {metrics.calibration_error(y, ours):.4f}, "
            f"BG/NBD {metrics.calibration_error(y, theirs):.4f}",
        ]
    )


if __name__ == "__main__":
    main()
