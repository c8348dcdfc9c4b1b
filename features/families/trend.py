"""Which way: each window against the one before it and against the own peak, slopes."""

from collections.abc import Iterator

import numba
import numpy as np

from features.clock import WEEK
from features.families.spend import MONEY, mean_value
from features.feature import Feature, change, ratio
from features.fixed import UNIT, Floats
from features.past import Past
from features.past.rows import slope
from features.windows import Window, and_ever, weeks


def trend(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Relative changes, the recent pace against the whole tenure's, shares of the own peak, slopes."""
    for number in windows:
        yield from _within(number, weeks(number))
        yield from _to_peak(number, weeks(number))
    for window in and_ever((26, 52)):
        yield _value_slope(window)


def _within(number: int, days: int) -> Iterator[Feature]:
    against = f"in the last {number} weeks against the {number} weeks before, in [-1, 1]"
    yield Feature(
        f"order_days_change_{number}w",
        f"order-days {against}",
        "ratio",
        lambda p: change(p.count("order_day", days), p.count("order_day", days, ending=days)),
        formula=f"change(n({number}w), n({number}w before))",
    )
    yield Feature(
        f"spend_change_{number}w",
        f"spend of the order-days {against}",
        "ratio",
        lambda p: change(p.total("value", days), p.total("value", days, ending=days)),
        MONEY,
        formula=f"change(sum(v, {number}w), sum(v, {number}w before))",
    )
    yield Feature(
        f"order_day_value_change_{number}w",
        f"mean spend of an order-day {against}",
        "ratio",
        lambda p: change(mean_value(p, days), mean_value(p, days, ending=days)),
        MONEY,
        formula=f"change(mean(v, {number}w), mean(v, {number}w before))",
    )
    yield Feature(
        f"pace_{number}w",
        f"order-days a day in the last {number} weeks (or since the first, if later) over those of the whole tenure",
        "ratio",
        lambda p: _pace(p, days),
        formula=f"(n({number}w) / min({number}w, t - d_1)) / (n(ever) / (t - d_1))",
        empty=0,
    )


def _to_peak(number: int, days: int) -> Iterator[Feature]:
    peak = f"the most that {number} weeks up to an order-day ever held"
    yield Feature(
        f"order_days_to_peak_{number}w",
        f"order-days in the last {number} weeks over {peak}",
        "ratio",
        lambda p: _share_of_peak(p, "order_day", days),
        formula=f"n({number}w) / max over i of n([d_i + 1 - {number}w, d_i])",
        empty=0,
    )
    yield Feature(
        f"spend_to_peak_{number}w",
        f"spend of the order-days in the last {number} weeks over {peak}, where that is positive",
        "ratio",
        lambda p: _share_of_peak(p, "value", days),
        MONEY,
        formula=f"sum(v, {number}w) / max over i of sum(v, [d_i + 1 - {number}w, d_i])",
        empty=0,
    )


def _value_slope(window: Window) -> Feature:
    return Feature(
        f"order_day_value_slope_{window.tail}",
        f"least-squares slope of the spend of order-days {window.words}, a week",
        "money",
        lambda p: p.walk(slope, "order_day", "value", days=window.days) * WEEK / UNIT,
        MONEY,
        formula=f"7 x slope of v_i over d_i, {window.tail}",
    )


def _share_of_peak(past: Past, measure: str, days: int) -> Floats:
    return ratio(past.count(measure, days), np.maximum(past.peak(measure, days), 0))


def _pace(past: Past, days: int) -> Floats:
    """A customer younger than the window has its usual pace: 1."""
    pace: Floats = _paced(past.count("order_day", days), past.count("order_day"), past.tenure, float(days))
    return pace


@numba.vectorize(["float64(float64, float64, float64, float64)"], cache=True)  # type: ignore[no-untyped-call]
def _paced(recent, ever, tenure, days):  # type: ignore[no-untyped-def]
    return recent * tenure / (ever * min(tenure, days))
