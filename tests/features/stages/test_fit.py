"""The fitted spec against the definition worked out with plain loops."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
import stage_oracle
from histories import some_spec, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.stages.fit import fit_spec, fit_spec_from
from features.stages.spec import Band4, StageSpec
from features.stages.tallies import WaitTallies


def plain_waits(orders: pd.DataFrame, before: int, follow_up: int) -> list[tuple[int, int, bool]]:
    """Band, days waited, and whether the next order came, of every order-day."""
    waits = []
    for customer in stage_oracle.customers(orders).values():
        days = [day for day in customer.order_days("amount" in orders) if day < before]
        for n, (day, following) in enumerate(itertools.pairwise([*days, None]), start=1):
            wait = (before if following is None else following) - day
            came = following is not None and wait <= follow_up
            waits.append((sum(n >= least for least in (2, 4, 8)), min(wait, follow_up), came))
    return waits


def plain_quantile(waits: list[tuple[int, int, bool]], q: float, ages: tuple[int, int]) -> tuple[float, int]:
    """Quantile of the product-limit curve among the returning, times with fewer than ten at risk left out.

    In a young log it is stretched as it grew from half its age to its age.
    """
    share, curve, events = 1.0, [], 0
    for time in sorted({wait for _, wait, came in waits if came}):
        at_risk = sum(wait >= time for _, wait, _ in waits)
        back = sum(wait == time and came for _, wait, came in waits)
        if at_risk >= 10:
            share *= 1 - back / at_risk
            events += back
            curve.append((time, 1 - share))

    def within(longest: float) -> float:
        known = [(time, back) for time, back in curve if time <= longest]
        return next((time for time, back in known if back >= q * known[-1][1] - 1e-9), math.nan)

    age, follow_up = ages
    now, at_half = within(age), within(age / 2)
    if age >= follow_up or math.isnan(at_half):
        return now, events
    return now * (follow_up / age) ** min(max(math.log2(now / at_half), 0), 1), events


def plain_silence(orders: pd.DataFrame, before: int, q: float, weeks: int) -> Band4:
    """Who orders twice as often may be late half as often; nobody is silent before a typical gap has passed."""
    gaps = plain_bands(orders, before, [0.5] * 4, weeks)
    late = [min(1 - (1 - q) * min(gap / gaps[0], 1), 0.975) for gap in gaps]
    return tuple(max(pair) for pair in zip(plain_bands(orders, before, late, weeks), gaps, strict=True))


def plain_bands(orders: pd.DataFrame, before: int, quantiles: list[float], weeks: int) -> Band4:
    waits = plain_waits(orders, before, 7 * weeks)
    first = int((orders["ordered_at"].min() - stage_oracle.EPOCH).days)
    ages = (min(before - first, 7 * weeks), 7 * weeks)
    values = []
    for band, q in enumerate(quantiles):
        pooled, pooled_events = plain_quantile(waits, q, ages)
        own, events = plain_quantile([wait for wait in waits if wait[0] == band], q, ages)
        default = 28 * math.log(1 - q) / math.log(0.5)
        values.append(own if events >= 30 else pooled if pooled_events >= 30 else default)
    return tuple(values)


def fitted(orders: pd.DataFrame, before: int, constants: StageConfig) -> StageSpec:
    return fit_spec(History.of(orders), before, 28, constants, Clock("thu"))


@pytest.mark.parametrize(("at", "weeks"), [(8, 26), (30, 26), (77, 8), (77, 52)])
def test_a_real_shop(cdnow_few: pd.DataFrame, at: int, weeks: int) -> None:
    before, constants = ticks(cdnow_few)[at], StageConfig(follow_up_weeks=weeks, quantile=0.7)
    spec = fitted(cdnow_few, before, constants)
    assert spec.typical_gap == pytest.approx(plain_bands(cdnow_few, before, [0.5] * 4, weeks))
    assert spec.silent_after == pytest.approx(plain_silence(cdnow_few, before, 0.7, weeks))
    lost = plain_bands(cdnow_few, before, [0.975] * 4, weeks)
    assert spec.lost_after == pytest.approx([max(x, 1.5 * s) for x, s in zip(lost, spec.silent_after, strict=True)])
    assert spec.order_days == len(plain_waits(cdnow_few, before, 7))
    assert spec.hold_days == 28
    assert spec.week_starts == "thu"
    assert spec.level_measure == "net"


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 300)), min_size=1, max_size=150), st.integers(1, 400))
@settings(max_examples=40)
def test_random_shops(visits: list[tuple[int, int]], before: int) -> None:
    days = pd.to_datetime([day for _, day in visits], unit="D")
    orders = pd.DataFrame({"customer_id": [str(c) for c, _ in visits], "ordered_at": days, "is_return": False})
    spec = fitted(orders, before, StageConfig(quantile=0.8))
    assert spec.silent_after == pytest.approx(plain_silence(orders, before, 0.8, 26))
    assert spec.level_measure == "order_day_units"


def test_a_shop_too_small_gets_a_rhythm_of_four_weeks(cdnow_few: pd.DataFrame) -> None:
    spec = fitted(cdnow_few.head(20), ticks(cdnow_few)[-1], StageConfig())
    assert spec.typical_gap == (28, 28, 28, 28)
    assert spec.silent_after == pytest.approx([28 * math.log2(4)] * 4)


def test_limits_do_not_fall_with_the_quantile(cdnow_few: pd.DataFrame) -> None:
    spec = fitted(cdnow_few, ticks(cdnow_few)[-1], StageConfig())
    assert all(a <= b <= c for a, b, c in zip(spec.typical_gap, spec.silent_after, spec.lost_after, strict=True))
    assert some_spec().hash != spec.hash


def test_without_the_balance_every_band_is_late_equally_often(cdnow_few: pd.DataFrame) -> None:
    before = ticks(cdnow_few)[-1]
    even = fitted(cdnow_few, before, StageConfig(quantile=0.7, balance=0))
    assert even.silent_after == pytest.approx(plain_bands(cdnow_few, before, [0.7] * 4, 26))
    assert even.silent_after[3] < fitted(cdnow_few, before, StageConfig(quantile=0.7)).silent_after[3]


def test_waits_counted_part_by_part_give_the_same_spec(cdnow_few: pd.DataFrame) -> None:
    history, before = History.of(cdnow_few), ticks(cdnow_few)[60]
    parts = [history.only(np.arange(start, len(history.customers), 3)) for start in range(3)]
    one, two, three = (WaitTallies.of(part, before, 26 * 7) for part in parts)
    spec = fit_spec_from(one + two + three, 28, StageConfig(), Clock())
    assert spec == fit_spec(history, before, 28, StageConfig(), Clock())
    assert spec.order_days == 784
