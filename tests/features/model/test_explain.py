"""Contributions add up to what the model says; weights to what it says after calibration."""

import dataclasses

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from features.errors import ModelError
from features.model.calibration import BetaMap
from features.model.explain import contributions, risk_weights, typical_row
from features.model.forecast import Calibration, Model

numbers = st.floats(0, 3)
maps = st.builds(BetaMap, a=numbers.map(lambda a: a + 0.01), b=numbers, c=st.floats(-2, 2))


@pytest.fixture(scope="module")
def some(features: pd.DataFrame) -> pd.DataFrame:
    return features.head(30)


def calibrated(model: Model, by: BetaMap) -> Model:
    return dataclasses.replace(model, calibration=Calibration(regression=by))


@pytest.mark.parametrize("part", ["regression", "order", "spend"])
def test_contributions_add_up_to_lightgbms_raw_score(model: Model, features: pd.DataFrame, part: str) -> None:
    found = contributions(model, part, features, threads=1)
    booster = lgb.Booster(model_str=model.boosters[part])
    np.testing.assert_allclose(found.raw, booster.predict(features, raw_score=True), atol=1e-9)
    expected = pd.DataFrame(booster.predict(features, pred_contrib=True)[:, :-1], columns=features.columns)
    for concept, values in zip(found.concepts, found.values.T, strict=True):
        np.testing.assert_allclose(values, expected[list(concept.columns)].sum(axis=1), atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(by=maps)
def test_weights_add_up_to_the_calibrated_log_odds(model: Model, some: pd.DataFrame, by: BetaMap) -> None:
    told = calibrated(model, by)
    weights = risk_weights(told, some, threads=1)
    expected = logit(told.p_regression(some, 1)) - logit(told.p_regression(typical_row(told), 1))
    np.testing.assert_allclose(weights.sum(axis=1), expected, atol=1e-7)


@settings(max_examples=30, deadline=None)
@given(by=maps)
def test_calibration_changes_no_sign_and_no_order(model: Model, some: pd.DataFrame, by: BetaMap) -> None:
    plain = risk_weights(calibrated(model, BetaMap()), some, threads=1).to_numpy()
    after = risk_weights(calibrated(model, by), some, threads=1).to_numpy()
    factor = after.sum(axis=1) / plain.sum(axis=1)
    assert (factor > 0).all()
    np.testing.assert_allclose(after, plain * factor[:, None], atol=1e-6)


def test_the_typical_customer_is_like_the_typical_customer(model: Model) -> None:
    assert (risk_weights(model, typical_row(model)) == 0).all(axis=None)


def test_neither_other_rows_nor_the_order_of_columns_matter(model: Model, features: pd.DataFrame) -> None:
    whole = risk_weights(model, features, threads=2)
    few = risk_weights(model, features[features.columns[::-1]].assign(other="x").iloc[50:60], threads=1)
    pd.testing.assert_frame_equal(few, whole.iloc[50:60], check_exact=True)


def test_a_table_that_is_not_the_models_is_refused(model: Model, features: pd.DataFrame) -> None:
    with pytest.raises(ModelError, match="missing"):
        contributions(model, "regression", features.drop(columns="count"))
    with pytest.raises(ModelError, match="cannot be explained"):
        contributions(model, "otherwise", features)


def test_a_table_for_a_picture(model: Model, features: pd.DataFrame) -> None:
    found = contributions(model, "regression", features)
    table = found.frame()
    assert list(table) == [concept.title for concept in found.concepts]
    assert (table.abs().mean() >= 0).all()
    assert len(table) == len(features)
