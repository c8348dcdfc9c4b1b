"""Contributions add up to what a booster says."""

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from features.errors import ModelError
from features.model.explain import contributions
from features.model.forecast import Model


@pytest.mark.parametrize("part", ["regression", "order", "spend"])
def test_contributions_add_up_to_lightgbms_raw_score(model: Model, features: pd.DataFrame, part: str) -> None:
    found = contributions(model, part, features, threads=1)
    booster = lgb.Booster(model_str=model.boosters[part])
    np.testing.assert_allclose(found.raw, booster.predict(features, raw_score=True), atol=1e-9)
    expected = pd.DataFrame(booster.predict(features, pred_contrib=True)[:, :-1], columns=features.columns)
    for concept, values in zip(found.concepts, found.values.T, strict=True):
        np.testing.assert_allclose(values, expected[list(concept.columns)].sum(axis=1), atol=1e-9)


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
