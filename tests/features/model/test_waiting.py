"""MBG/NBD in the model: beside the baseline's own code, which takes another way to the same number."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import ModelError
from features.model.forecast import Model
from features.model.waiting import Waiting
from training.baselines.btyd.beta_geometric import MbgNbd
from training.baselines.btyd.histories import Histories

sizes = st.floats(0.01, 50)
parameters = st.builds(Waiting, r=sizes, alpha=sizes, a=sizes, b=sizes)


@st.composite
def customers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days since the last order-day and since the first, and the number of order-days."""
    rows = draw(st.integers(1, 20))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    order_days = rng.integers(1, 30, rows)
    tenure = rng.integers(order_days, 800)
    recency = np.where(order_days > 1, rng.integers(1, tenure - order_days + 2), tenure)
    return recency.astype(float), tenure.astype(float), order_days.astype(float)


@given(parameters, customers(), st.floats(1, 400))
@settings(max_examples=100)
def test_near_to_the_baseline(waiting: Waiting, known: tuple[np.ndarray, ...], days: float) -> None:
    recency, tenure, order_days = known
    histories = Histories.of(order_days - 1, (tenure - recency) / 7, tenure / 7)
    theirs = MbgNbd(waiting.r, waiting.alpha, waiting.a, waiting.b).probability_to_order(histories, days / 7)

    np.testing.assert_allclose(1 / (1 + np.exp(-waiting.logit(*known, days))), theirs, rtol=1e-6, atol=2e-9)


@given(parameters, customers(), st.floats(1, 400), st.floats(0, 100))
def test_longer_waiting_sees_more_orders(
    waiting: Waiting, known: tuple[np.ndarray, ...], days: float, more: float
) -> None:
    assert (waiting.logit(*known, days + more) >= waiting.logit(*known, days) - 1e-9).all()


def test_one_time_buyers_may_be_gone() -> None:
    waiting = Waiting(r=0.5, alpha=8, a=0.8, b=1.5)
    just_now, long_ago = waiting.logit(np.array([7.0, 700.0]), np.array([7.0, 700.0]), np.ones(2), 28)

    assert just_now > long_ago + 1


@pytest.mark.parametrize(
    "wrong", [(np.nan, 9, 1), (9, np.nan, 1), (9, 9, np.nan), (9, 5, 2), (-1, 5, 1), (3, 9, 0), (9, np.inf, 2)]
)
def test_what_is_no_history_has_even_odds(wrong: tuple[float, float, float]) -> None:
    waiting = Waiting(r=0.5, alpha=8, a=0.8, b=1.5)
    recency, tenure, order_days = np.column_stack([(7.0, 30.0, 2.0), wrong])
    known, unknown = waiting.logit(recency, tenure, order_days, 28)

    assert unknown == 0 != known


def test_without_it_only_the_period_is_known(model: Model, features: pd.DataFrame) -> None:
    np.testing.assert_array_equal(model.p_order_within(features, 28), model.forecast(features).p_order)

    with pytest.raises(ModelError, match=r"got: 56 days(.|\n)*allowed: 28 days"):
        model.p_order_within(features, 56)
