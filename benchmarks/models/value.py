"""Money beside Gamma-Gamma: python -m benchmarks.models.value DATA CUTOFFS [SHOP ...].

CUTOFFS is `development` (half of the customers, windows that end before the first reported
cut-off) or `reported` (all customers). At each cut-off a model is fitted as `stagecast train`
would have fitted it then, and asked for the spend of its period and of a long window.
"""

import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.models.shops import CLOCK, MONTH, PERIODS, Shop
from features.fixed import UNIT, Floats
from features.history import History
from features.model.ahead import Ahead
from features.model.forecast import Model
from features.stages.fit import fit_spec
from features.stages.moves import Booleans, Stage
from stagecast import Config, check
from training import metrics
from training.bench import Bench
from training.bootstrap import Resampling
from training.log import Log
from training.splits import split
from training.table import Table

SHOPS = {
    "online_retail_2": {28: (0, 28, 56), 140: (0, 14)},
    "cdnow": {28: (0, 28), 140: (0, 14)},
    "completejourney": {14: (0, 14), 70: (0, 7)},
}
"""By shop and window, days from the ends of the windows to the end of what may be looked at."""

REPORTED = {
    "online_retail_2": {28: range(0, 168, 28), 364: (0, 14)},
    "cdnow": {28: range(0, 168, 28), 364: (0, 14)},
    "completejourney": {14: range(0, 84, 14), 182: (0, 14)},
}
_RESAMPLING = Resampling(200, seed=1)
_PROCESSES = {"BG/NBD": "bgnbd", "MBG/NBD": "mbgnbd", "Pareto/NBD": "paretonbd"}
_SETTINGS = {"fit_rows": 60_000, "threads": 1}


@dataclass(frozen=True)
class Came:
    """What was said of some snapshots, and what came; arrays of shape (n,)."""

    customer: np.ndarray
    spend: Floats
    ordered: Booleans
    regressed: Booleans
    active: Booleans
    one_time: Booleans
    said: dict[str, Floats]
    low: Floats
    high: Floats
    lost: Floats


def fitted(history: History, period: int, cutoff: int, end: int) -> tuple[Model, Table]:
    """A model as it would have been trained at a cut-off, at its season, and the customers there with what came."""
    config = Config().overridden("training", period=f"{period}d", **_SETTINGS)
    recipe = config.recipe
    past = split(history.first_day, cutoff, period, recipe.training, judge=0)
    spec = fit_spec(history, past.calibrate[0], period, recipe.stages, recipe.clock)
    model, _ = Bench(Log.of(history), spec, recipe, cutoff, lambda _: None).fit(past)
    return model.at(cutoff), Bench(Log.of(history), model.spec, recipe, end, lambda _: None).table([cutoff])


def judged(history: History, period: int, cutoff: int, days: int, end: int) -> Came:
    """Fit at a cut-off and compare with what came within so many days."""
    model, later = fitted(history, period, cutoff, end)
    return _came(model, history, later, days)


def _came(model: Model, history: History, later: Table, days: int) -> Came:
    ahead: Ahead = model.ahead(later.features, days, 1)
    columns = later.btyd.columns(days)
    said = {"stagecast": ahead.spend} | {
        f"{name} x Gamma-Gamma": np.asarray(columns[f"{key}_orders"] * columns["gamma_gamma_value"])
        for name, key in _PROCESSES.items()
    }
    then, now = (history.before(later.snapshots.customer, later.snapshots.cutoff + d) for d in (days, 0))
    net, order_days = history.totals("net"), history.totals("order_day")
    money = model.calibration.money
    risk = model.p_regression(later.features, 1)
    lost = money.year.lost(risk) * ahead.spend if money and money.year else np.full(len(later), np.nan)
    return Came(
        later.snapshots.customer,
        (net[then] - net[now]) / float(UNIT),
        order_days[then] > order_days[now],
        later.labels.regression,
        later.now.stage != Stage.REGRESSION,
        later.facts["order_days"].to_numpy() == 1,
        said,
        ahead.low,
        ahead.high,
        lost,
    )


def stacked(parts: list[Came]) -> Came:
    """The rows of several."""
    names = ("customer", "spend", "ordered", "regressed", "active", "one_time", "low", "high", "lost")
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    said = {name: np.concatenate([part.said[name] for part in parts]) for name in parts[0].said}
    return Came(**joined, said=said)


def rows(came: Came) -> Iterator[dict[str, object]]:
    """A row a predictor: its scores, and ours less its, with intervals over customers."""
    mine = _scores(came.spend, came.said["stagecast"])
    draws = list(_drawn(came.customer))
    for name, said in came.said.items():
        theirs = _scores(came.spend, said)
        row: dict[str, object] = {"predictor": name, **{key: f"{value:.4f}" for key, value in theirs.items()}}
        if name != "stagecast":
            pairs = [
                (_scores(came.spend[i], came.said["stagecast"][i]), _scores(came.spend[i], said[i])) for i in draws
            ]
            for key in theirs:
                less = [_size(key, a[key]) - _size(key, b[key]) for a, b in pairs]
                row[f"ours less, {key}"] = str(
                    _RESAMPLING.interval(_size(key, mine[key]) - _size(key, theirs[key]), less)
                )
        yield row


def _size(key: str, value: float) -> float:
    return abs(value) if key == "bias" else value


def _drawn(customer: np.ndarray) -> Iterator[np.ndarray]:
    codes, known = pd.factorize(customer)
    order, starts = np.argsort(codes, kind="stable"), np.r_[0, np.cumsum(np.bincount(codes))]
    for weight in _RESAMPLING.weights(len(known)):
        drawn = np.repeat(np.arange(len(known)), weight.astype(int))
        yield np.concatenate([order[starts[c] : starts[c + 1]] for c in drawn])


def _scores(spend: Floats, said: Floats) -> dict[str, float]:
    ordered = metrics.Ordered.of(spend, said)
    deciles = ordered.deciles()
    return {
        "gini": ordered.gini,
        "spearman": ordered.spearman,
        "decile_mape": metrics.mape_of(deciles),
        "decile_error": metrics.error_of(deciles),
        "bias": ordered.bias,
    }


def covered(came: Came) -> str:
    """How often spend lies within its interval, and on either side."""
    low, high = came.spend < came.low - 1e-9, came.spend > came.high + 1e-9
    groups = {"all": np.ones(len(low), dtype=bool), "one-time": came.one_time, "ordered": came.ordered}
    groups["interval begins above 0"] = came.low > 0
    told = [
        f"{name} {1 - (low | high)[rows].mean():.3f} ({low[rows].mean():.3f} below, {high[rows].mean():.3f} above)"
        for name, rows in groups.items()
        if rows.any()
    ]
    return f"covered: {'; '.join(told)}; interval begins at 0 for {(came.low == 0).mean():.2f}"


def at_risk(came: Came) -> str:
    """What was said to be lost by regression, beside what those who regressed were missing."""
    here = came.active
    without = (came.said["stagecast"] + came.lost)[here]
    missing = (without - came.spend[here])[came.regressed[here]].sum()
    return f"lost by regression: said {came.lost[here].sum():,.0f}, came {missing:,.0f}"


def main() -> None:
    """Print tables."""
    data, which, *names = sys.argv[1:]
    shops = SHOPS if which == "development" else REPORTED
    for name in names or shops:
        shop = read(Path(data), name, halved=which == "development")
        last = shop.first_reported if which == "development" else shop.end
        for days, before in shops[name].items():
            began = time.perf_counter()
            cutoffs = [last - days - back for back in before]
            came = stacked([judged(shop.history, shop.period, cutoff, days, shop.end) for cutoff in cutoffs])
            print(f"\n{name}, {days} days, {len(came.spend):,} snapshots ({time.perf_counter() - began:.0f} s)")
            print(pd.DataFrame(rows(came)).T.to_string(header=False))
            print(covered(came), at_risk(came) if days > shop.period else "", sep="\n", flush=True)


def read(data: Path, name: str, halved: bool) -> Shop:
    """A shop; halved, of its development customers alone."""
    orders = check(str(data / f"{name}.parquet"), Config()).orders
    if halved:
        even = {one for one in orders["customer_id"].unique() if zlib.crc32(str(one).encode()) % 2 == 0}
        orders = orders[orders["customer_id"].isin(even)]
    history = History.of(orders)
    return Shop(name, history, PERIODS.get(name, MONTH), CLOCK.floor(history.last_day + 1))


if __name__ == "__main__":
    main()
