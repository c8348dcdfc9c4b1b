"""The season of a year ago: python -m benchmarks.models.season DATA (level | whole) [SHOP ...].

Cut-offs whose windows end before the last six periods of a log, and before all that is reported. `level`: every
week, with MBG/NBD in the model's place, shares and ways against what was followed before. `whole`: models as
`stagecast train` makes them, every fourth or twelfth week, with the season and without.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.models.shops import CLOCK, REPORTED
from benchmarks.models.value import fitted
from features.clock import WEEK, to_date
from features.fixed import Floats
from features.history import History
from features.model.ahead import YEAR
from features.model.calibration import probability
from features.model.forecast import Model
from features.model.season import Seasons
from features.model.waiting import COLUMNS, Waiting
from features.stages.fit import fit_spec
from stagecast import Config, check
from training import metrics
from training.asked import Asked
from training.bootstrap import Resampling, paired_interval
from training.calibrate import shift
from training.log import Log
from training.season import SHARE, YOUNGEST, fit_seasons, year_until
from training.table import Table
from training.waiting import expected_orders, fit_waiting

PERIOD, TRUST = 28, 0.3
SHOPS = {"superstore": 4, "clvtools_apparel": 12}
"""Shops with seasons and years enough, and weeks between the cut-offs of whole models."""

_SHARES = (0.3, 0.5, 0.7, 1.0)
_QUARTER = 13 * WEEK
_RESAMPLING = Resampling(200, seed=1)


def read(data: Path, name: str) -> History:
    """The orders of a shop."""
    return History.of(check(str(data / f"{name}.parquet"), Config()).orders)


def cutoffs(history: History, weeks: int) -> list[int]:
    """Cut-offs that may be looked at, so many weeks apart, from the first that has a season."""
    newest = CLOCK.floor(history.last_day + 1) - (REPORTED + 1) * PERIOD
    oldest = CLOCK.after(history.first_day) + YOUNGEST + YEAR + PERIOD
    return list(range(newest, oldest - 1, -weeks * WEEK))[::-1]


def levels(history: History) -> Iterator[pd.DataFrame]:
    """At each cut-off what each way says, customer by customer, with MBG/NBD in the model's place."""
    every = _table(history)
    for cutoff in cutoffs(history, 1):
        newest = cutoff - PERIOD
        waiting = fit_waiting(every, newest)
        year = _rows(every, year_until(newest, history.first_day))
        seasons, later = fit_seasons(year, waiting, PERIOD), _rows(every, [cutoff])
        before, z = _rows(every, [newest]), expected_orders(later, waiting, PERIOD)
        assert seasons
        assert z is not None
        now, then = (float(seasons.at(at)) / SHARE for at in (cutoff, newest))
        off = shift(_expected(before, waiting), before.labels.ordered)
        ways = {"before": TRUST * off, "an oracle": shift(z, later.labels.ordered)}
        ways |= {f"season {s}, newest without it": TRUST * (off - s * then) + s * now for s in _SHARES}
        ways |= {f"season {s}, newest as it is": TRUST * off + s * now for s in _SHARES}
        yield _said(later, cutoff, {way: probability(z + level) for way, level in ways.items()})


def whole(history: History, weeks: int) -> Iterator[pd.DataFrame]:
    """The same of whole models: orders and money."""
    for cutoff in cutoffs(history, weeks):
        model, later = fitted(history, PERIOD, cutoff, cutoff + PERIOD)
        found = {"before": _share(model, cutoff, 0.0)} | {f"season {s}": _share(model, cutoff, s) for s in _SHARES}
        p = {way: one.p_order_within(later.features, PERIOD, 1) for way, one in found.items()}
        spend = {way: one.ahead(later.features, PERIOD, 1).spend for way, one in found.items()}
        money = {f"{way}: spend": said for way, said in spend.items()}
        yield _said(later, cutoff, p | money).assign(spend=later.labels.spend)


def _share(model: Model, cutoff: int, share: float) -> Model:
    """A model at a cut-off, had another share of the season been taken."""
    seasons, order = model.calibration.seasons, model.calibration.order
    assert seasons
    newest = float(seasons.at(cutoff - PERIOD))
    scaled = Seasons(first=seasons.first, shifts=tuple(share / SHARE * s for s in seasons.shifts))
    moved = order.model_copy(update={"c": order.c + TRUST * newest * (1 - share / SHARE)})
    return replace(model, calibration=model.calibration.model_copy(update={"seasons": scaled, "order": moved})).at(
        cutoff
    )


def _table(history: History) -> Table:
    """Every week of a log without features."""
    config, end = Config(), CLOCK.floor(history.last_day + 1)
    newest, oldest = cutoffs(history, 1)[-1], CLOCK.after(history.first_day) + 4 * WEEK
    spec = fit_spec(history, newest, PERIOD, config.recipe.stages, CLOCK)
    weeks = list(range(newest, oldest - 1, -WEEK))[::-1]
    return Log.of(history).table(Asked(weeks, 1.0, spec, config.recipe.features, COLUMNS, end))


def _rows(table: Table, weeks: list[int]) -> Table:
    return table.at(np.flatnonzero(np.isin(table.snapshots.cutoff, weeks)))


def _expected(table: Table, waiting: Waiting | None) -> Floats:
    z = expected_orders(table, waiting, PERIOD)
    assert z is not None
    return z


def _said(later: Table, cutoff: int, said: dict[str, Floats]) -> pd.DataFrame:
    facts = {"customer": later.snapshots.customer, "cutoff": cutoff, "ordered": later.labels.ordered}
    return pd.DataFrame(facts | said)


def told(said: pd.DataFrame) -> pd.DataFrame:
    """Log loss against before in per cent, with intervals over customers and over quarters; the error of the level."""
    ways = list(said.columns.drop(["customer", "cutoff", "ordered", "spend"], errors="ignore"))
    made = []
    for way in (w for w in ways if not w.endswith(": spend")):
        y = said["ordered"].to_numpy(np.float64)
        mine, theirs = (metrics.log_losses(y, said[w].to_numpy()) for w in (way, "before"))
        found = paired_interval(mine, theirs, said["customer"].to_numpy(), _RESAMPLING)
        quarters = paired_interval(mine, theirs, said["cutoff"].to_numpy() // _QUARTER, _RESAMPLING)
        by = said.groupby("cutoff")
        off = (by[way].mean() - by["ordered"].mean()).abs() / by["ordered"].mean()
        percent = 100 / theirs.mean()
        made.append(
            {"way": way, "log loss": mine.mean(), "%": percent * found.estimate}
            | {"low": percent * found.low, "high": percent * found.high}
            | {"low, quarters": percent * quarters.low, "high, quarters": percent * quarters.high}
            | {"level off by": off.mean()}
            | _money(said, way)
        )
    return pd.DataFrame(made)


def _money(said: pd.DataFrame, way: str) -> dict[str, float]:
    """Mean over cut-offs of the absolute log of the total of spend, said over came."""
    if f"{way}: spend" not in said:
        return {}
    total = said.groupby("cutoff")[[f"{way}: spend", "spend"]].sum()
    ratio = np.log(total[f"{way}: spend"] / total["spend"])
    return {"total off by": float(np.abs(ratio).mean())}


def main() -> None:
    """Print a table a shop."""
    data, how, *names = sys.argv[1:]
    for name in names or SHOPS:
        history = read(Path(data), name)
        said = pd.concat(levels(history) if how == "level" else whole(history, SHOPS.get(name, 4)), ignore_index=True)
        at = said["cutoff"].unique()
        print(f"\n{name}, {len(at)} cut-offs, {to_date(at[0])} to {to_date(at[-1])}, {len(said):,} rows")
        print(told(said).to_string(index=False, float_format="%.4f"), flush=True)


if __name__ == "__main__":
    main()
