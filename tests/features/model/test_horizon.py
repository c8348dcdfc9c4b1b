"""An order within any number of days: laws of the curve, and an oracle that walks it customer by customer."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from features.errors import ModelError
from features.model.forecast import Model
from features.model.horizon import Horizon
from features.model.onward import Onward, Seen
from features.model.waiting import Waiting

PERIOD, LONGEST = 28, 364
sizes = st.floats(0.05, 20)
small = st.floats(-1, 1)
models = st.builds(Waiting, r=sizes, alpha=sizes, a=sizes, b=sizes)
onwards = st.builds(Onward, level=small, slopes=st.tuples(*[small] * 7))


@st.composite
def horizons(draw: st.DrawFn, onward: st.SearchStrategy[Onward | None] = onwards) -> Horizon:
    """Some customers, and what a model says of their period."""
    rows = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    order_days = rng.integers(1, 20, rows)
    tenure = rng.integers(order_days, 600)
    recency = np.where(order_days > 1, rng.integers(1, tenure - order_days + 2), tenure)
    seen = Seen(*(column.astype(float) for column in (recency, tenure, order_days)), rng.gamma(2, 20, rows))
    return Horizon(rng.normal(-1, 2, rows), PERIOD, LONGEST, seen, draw(models), draw(onward))


days_ahead = st.integers(1, LONGEST)


@given(horizons(st.none() | onwards), days_ahead, days_ahead)
@settings(max_examples=30)
def test_it_grows_with_the_days(horizon: Horizon, one: int, other: int) -> None:
    sooner, later = sorted((one, other))
    assert (horizon.logit(later) >= horizon.logit(sooner) - 1e-9).all()


@given(horizons(st.none() | onwards))
@settings(max_examples=20)
def test_the_period_is_the_models_own(horizon: Horizon) -> None:
    np.testing.assert_allclose(horizon.logit(PERIOD), horizon.first, rtol=1e-6, atol=1e-6)


@given(horizons(), days_ahead)
@settings(max_examples=25)
def test_walked_customer_by_customer(horizon: Horizon, days: int) -> None:
    for row, said in enumerate(horizon.logit(days)):
        recency, tenure, orders = (
            float(column[row]) for column in (horizon.seen.recency, horizon.seen.tenure, horizon.seen.order_days)
        )
        value = float(horizon.seen.value[row]) if horizon.seen.value is not None else 0.0
        none, left, first = 1.0, float(days), expit(horizon.first[row])
        kept = horizon.first[row] + _mbg(horizon, recency, tenure, orders, days)
        kept -= _mbg(horizon, recency, tenure, orders, PERIOD)
        p = first
        while left > 0:
            none *= (1 - p) ** min(left / PERIOD, 1)
            left, recency, tenure = left - PERIOD, recency + PERIOD, tenure + PERIOD
            p = _next_period(horizon, recency, tenure, orders, value)
        assert said == pytest.approx((kept + logit(np.clip(1 - none, 1e-9, 1 - 1e-9))) / 2, rel=1e-5, abs=1e-5)


def _mbg(horizon: Horizon, recency: float, tenure: float, orders: float, days: float) -> float:
    return float(horizon.waiting.logit(np.array([recency]), np.array([tenure]), np.array([orders]), days)[0])


def _next_period(horizon: Horizon, recency: float, tenure: float, orders: float, value: float) -> float:
    assert horizon.onward is not None
    z, r, t, n = _mbg(horizon, recency, tenure, orders, PERIOD), np.log1p(recency), np.log1p(tenure), np.log(orders)
    known = (z, r, n, t, r * n, t * n, np.log1p(value))
    total = horizon.onward.level + sum(b * x for b, x in zip(horizon.onward.slopes, known, strict=True))
    return float(expit(z + total))


@given(horizons(st.none() | onwards), st.floats(0.02, 0.98))
@settings(max_examples=20)
def test_the_fewest_days_of_a_share(horizon: Horizon, share: float) -> None:
    target = float(logit(share))
    found = horizon.days(target)
    day = np.minimum(found, LONGEST)

    np.testing.assert_array_equal(horizon.logit(day) >= target, np.isfinite(found))
    assert ((horizon.logit(day - 1) < target) | (found == 1)).all()
    assert ((day == np.floor(day)) & (day >= 1)).all()


@given(horizons(), days_ahead)
@settings(max_examples=10)
def test_customers_do_not_see_each_other(horizon: Horizon, days: int) -> None:
    first = np.arange(len(horizon.first)) == 0
    alone = replace(horizon, first=horizon.first[first], seen=horizon.seen.only(first))

    assert alone.logit(days)[0] == horizon.logit(days)[0]


def test_after_a_silence_without_slopes_it_is_mbgnbd() -> None:
    waiting = Waiting(r=0.5, alpha=8, a=0.8, b=1.5)
    seen = Seen(np.array([40.0]), np.array([90.0]), np.array([3.0]), None)
    onward = Onward(level=0, slopes=(0,) * 6)

    assert onward.logit(seen, waiting, PERIOD) == seen.logit(waiting, PERIOD)
    assert Onward(level=1, slopes=(0,) * 6).logit(seen, waiting, PERIOD) == seen.logit(waiting, PERIOD) + 1


def test_money_that_is_missing_or_below_nothing_counts_as_none() -> None:
    rows = np.full(3, 40.0), np.full(3, 90.0), np.full(3, 2.0)
    onward = Onward(level=0, slopes=(0, 0, 0, 0, 0, 0, 1))
    said = onward.logit(Seen(*rows, np.array([np.nan, -5.0, 0.0])), Waiting(r=1, alpha=8, a=1, b=1), PERIOD)

    assert said[0] == said[1] == said[2]


def test_a_model_that_knows_its_own_period_alone(model: Model, features: pd.DataFrame) -> None:
    p = model.forecast(features).p_order
    np.testing.assert_array_equal(model.order_curve(features, [28, 28]), np.column_stack([p, p]))

    with pytest.raises(ModelError, match=r"got: 364 days(.|\n)*allowed: 28 days"):
        model.days_to_order(features)
    with pytest.raises(ModelError, match=r"got: 1\.0(.|\n)*0 < share < 1"):
        model.days_to_order(features, 1.0)
    with pytest.raises(ModelError, match=r"got: 0(.|\n)*at least one day"):
        model.order_curve(features, [28, 0])
