"""Orders and money ahead: beside the baseline's own expectation, and what holds at every horizon."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import ModelError
from features.model.ahead import YEAR, Course, spend_if_any
from features.model.forecast import Model
from features.model.money import Money, Year
from features.model.spread import Spread
from features.model.waiting import Waiting
from training.baselines.btyd.beta_geometric import MbgNbd
from training.baselines.btyd.histories import Histories

SPREAD = Spread(borders=(), multiples=((0.2, 1.0, 3.0),))
WAITING = Waiting(r=0.5, alpha=8, a=0.8, b=1.5)
sizes = st.floats(0.01, 50)


def customers(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = rng.integers(1, 30, rows)
    tenure = rng.integers(days, 800)
    recency = np.where(days > 1, rng.integers(1, tenure - days + 2), tenure)
    value = rng.gamma(2, 20, rows)
    columns = {"recency": recency, "tenure": tenure, "order_days_ever": days, "order_day_value_ever": value}
    return pd.DataFrame(columns).astype(float)


@given(st.builds(Waiting, r=sizes, alpha=sizes, a=sizes, b=sizes), st.integers(0, 10_000), st.integers(1, 400))
@settings(max_examples=40)
def test_orders_go_on_as_the_baseline_expects(waiting: Waiting, seed: int, days: int) -> None:
    table = customers(8, seed)
    recency, tenure, order_days, _ = table.to_numpy().T
    histories = Histories.of(order_days - 1, (tenure - recency) / 7, tenure / 7)
    model = MbgNbd(waiting.r, waiting.alpha, waiting.a, waiting.b)
    course, period = Course(waiting, table, 28), model.expected_orders(histories, 4)
    alive = model.probability_alive(histories) > 1e-200

    growth = model.expected_orders(histories, days / 7) / period
    np.testing.assert_allclose(course.growth(days)[alive], growth[alive], rtol=1e-5)
    p = model.probability_to_order(histories, 4)
    np.testing.assert_allclose(course.if_any[alive], (period / p)[alive], rtol=1e-5)


def test_who_is_surely_gone_has_a_course_too() -> None:
    gone = pd.DataFrame({"recency": [5000.0], "tenure": [6000.0], "order_days_ever": [900.0]})
    course = Course(WAITING, gone, 28)

    assert 1 < course.growth(YEAR)[0] < 13
    assert np.isfinite(course.if_any).all()
    assert len(Course(WAITING, gone.iloc[:0], 28).growth(YEAR)) == 0


def test_a_year_brings_no_less_than_its_first_period() -> None:
    course = Course(WAITING, customers(500), 28)
    growth = [course.growth(days) for days in (28, 56, 182, YEAR)]

    assert (growth[0] == 1).all()
    assert (np.diff(growth, axis=0) > 0).all()
    assert (course.if_any >= 1).all()


def test_spend_lies_between_what_the_booster_says_and_what_is_usual() -> None:
    table = customers(500)
    course, raw = Course(WAITING, table, 28), np.full(500, 30.0)
    money = Money(order_value=40.0, spread=SPREAD)
    usual = (80 + table["order_day_value_ever"] * table["order_days_ever"]) / (2 + table["order_days_ever"])
    np.testing.assert_allclose(money.usual_value(table), usual)

    said = spend_if_any(raw, course, money)
    np.testing.assert_allclose(np.log(said), (np.log(raw) + np.log(usual * course.if_any)) / 2)
    levelled = spend_if_any(raw, course, money.model_copy(update={"level": 1.25}))
    np.testing.assert_allclose(levelled, 1.25 * said)


@pytest.mark.parametrize("money", [None, Money(spread=SPREAD)])
def test_without_order_values_the_booster_stands_alone(money: Money | None) -> None:
    raw = np.arange(1.0, 11)
    np.testing.assert_array_equal(spend_if_any(raw, Course(WAITING, customers(10), 28), money), raw)


def test_so_it_does_where_mbgnbd_knows_nothing() -> None:
    raw, money = np.arange(1.0, 11), Money(order_value=40.0, spread=SPREAD)
    unknown = Course(WAITING, customers(10).assign(recency=np.nan), 28)

    np.testing.assert_array_equal(spend_if_any(raw, Course(None, customers(10), 28), money), raw)
    np.testing.assert_array_equal(spend_if_any(raw, unknown, money), raw)


def test_without_mbgnbd_nothing_is_said_beyond_the_period(model: Model, features: pd.DataFrame) -> None:
    forecast = model.forecast(features, threads=1)

    assert np.isfinite([forecast.period.spend, forecast.period.low, forecast.period.high]).all()
    assert np.isnan(dataclasses.astuple(forecast.year)).all()
    assert np.isnan(forecast.lost_by_regression).all()


def test_less_than_a_period_is_refused(model: Model, features: pd.DataFrame) -> None:
    with pytest.raises(ModelError, match="into its period"):
        model.ahead(features, 27)


@given(st.floats(0.01, 1), st.floats(0, 1))
def test_the_loss_is_what_is_missing_to_a_life_without_regression(kept: float, p: float) -> None:
    lost = Year(days=364, spread=SPREAD, kept=kept).lost(np.array([p]))[0]
    assert (1 + lost) * (1 - p * (1 - kept)) == pytest.approx(1)
    assert lost >= 0
