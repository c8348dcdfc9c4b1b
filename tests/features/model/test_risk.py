"""Weights add up to the log odds that are forecast, and go where they belong."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from features.model.calibration import BetaMap, Blend
from features.model.explain import contributions
from features.model.forecast import Calibration, Model
from features.model.risk import risk_weights, typical_row
from features.model.waiting import Waiting

numbers = st.floats(0, 3)
maps = st.builds(BetaMap, a=numbers.map(lambda a: a + 0.01), b=numbers, c=st.floats(-2, 2))
calibrations = st.builds(
    Calibration,
    regression=maps,
    surprise=st.floats(0, 0.2),
    order=st.builds(Blend, w=numbers, v=numbers, c=st.floats(-2, 2)),
    waiting=st.none() | st.builds(Waiting, r=st.just(0.5), alpha=st.floats(1, 20), a=st.floats(0.1, 2), b=st.just(2.0)),
)
few = settings(max_examples=30, deadline=None)


@pytest.fixture(scope="module")
def some(features: pd.DataFrame) -> pd.DataFrame:
    return features.head(30)


def told(model: Model, **calibration: object) -> Model:
    return dataclasses.replace(model, calibration=model.calibration.model_copy(update=calibration))


@few
@given(by=calibrations)
def test_weights_add_up_to_the_log_odds_that_are_forecast(model: Model, some: pd.DataFrame, by: Calibration) -> None:
    found = dataclasses.replace(model, calibration=by)
    weights = risk_weights(found, some, threads=1)
    expected = logit(found.p_regression(some, 1)) - logit(found.p_regression(typical_row(found), 1))
    inside = np.abs(logit(found.p_regression(some, 1))) < 13  # at the ends probabilities are held
    np.testing.assert_allclose(weights.sum(axis=1)[inside], expected[inside], atol=1e-6)


def test_who_will_not_order_hears_of_the_outlook_alone(model: Model, some: pd.DataFrame) -> None:
    """With an order out of the question nothing but the machine's word is left."""
    never = told(model, order=Blend(w=0.0, c=-13.0), surprise=0.0)
    never = dataclasses.replace(never, typical=never.typical | {"stage_if_silent": 1.0})
    weights = risk_weights(never, some, threads=1)
    silent = some["stage_if_silent"].to_numpy() == 3
    assert silent.any()
    assert not silent.all()
    assert (weights["outlook"][silent] > 5).all()
    assert (np.abs(weights.drop(columns="outlook")[silent]) < 0.5).all(axis=None)


def test_of_who_surely_orders_the_boosters_word_counts(model: Model, some: pd.DataFrame) -> None:
    surely = told(model, order=Blend(w=0.0, c=13.0), regression=BetaMap(), surprise=0.0)
    weights = risk_weights(surely, some, threads=1).to_numpy()
    row, typical = (contributions(model, "regression", of, 1).values for of in (some, typical_row(model)))
    np.testing.assert_allclose(weights, row - typical, atol=1e-2)


def test_what_makes_an_order_likelier_lowers_the_risk_of_who_would_regress(model: Model, some: pd.DataFrame) -> None:
    falls = some.assign(stage_if_silent=3.0)
    plain = told(model, order=Blend(), regression=BetaMap(a=0.0, b=0.0, c=-6.0), surprise=0.0)
    like = dataclasses.replace(plain, typical=plain.typical | {"stage_if_silent": 3.0})
    weights = risk_weights(like, falls, threads=1).to_numpy()
    order = contributions(model, "order", falls, 1).values - contributions(like, "order", typical_row(like), 1).values
    total = order.sum(axis=1)
    clear = (np.abs(order) > 0.01) & (np.abs(total) > 0.01)[:, None]
    assert clear.any()
    assert (np.sign(weights[clear]) == -np.sign(order[clear])).all()


def test_the_typical_customer_is_like_the_typical_customer(model: Model) -> None:
    assert (risk_weights(model, typical_row(model)) == 0).all(axis=None)


def test_neither_other_rows_nor_the_order_of_columns_matter(model: Model, features: pd.DataFrame) -> None:
    whole = risk_weights(model, features, threads=2)
    few = risk_weights(model, features[features.columns[::-1]].assign(other="x").iloc[50:60], threads=1)
    pd.testing.assert_frame_equal(few, whole.iloc[50:60], check_exact=True)
