"""The Shapley values are LightGBM's own, row by row, whatever the trees and however the work is cut."""

from functools import reduce
from math import comb
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_boosters import fitted, long_path, some_values

from features.model import forest as forests
from features.model import shapley
from features.model.booster import Booster
from features.model.shapley import shapley_sums

Floats = npt.NDArray[np.float64]
laws = settings(max_examples=40, deadline=None)

models = st.fixed_dictionaries(
    {
        "objective": st.sampled_from(["binary", "regression", "tweedie"]),
        "num_leaves": st.integers(2, 24),
        "min_data_in_leaf": st.sampled_from([1, 5, 20]),
        "use_missing": st.booleans(),
        "learning_rate": st.sampled_from([0.1, 1.0]),
        "bagging_fraction": st.sampled_from([0.5, 1.0]),
        "bagging_freq": st.just(1),
        "lambda_l2": st.sampled_from([0.0, 10.0]),
    }
)
seeds = st.integers(0, 2**32 - 1)


def own(booster: lgb.Booster, values: Floats, groups: npt.NDArray[np.int64], threads: int = 1) -> tuple[Floats, float]:
    (trees,) = Booster.of(booster.model_to_string()).outputs
    return shapley_sums(trees.small, lambda k: values[:, k], groups, len(values), threads), trees.mean


def lightgbms(booster: lgb.Booster, values: Floats) -> Floats:
    return np.asarray(booster.predict(values, pred_contrib=True))


@laws
@given(parameters=models, seed=seeds, features=st.integers(1, 12), missing=st.sampled_from([0.0, 0.02, 0.4]))
def test_they_are_lightgbms_own(parameters: dict[str, object], seed: int, features: int, missing: float) -> None:
    rng = np.random.default_rng(seed)
    booster = fitted(parameters, some_values(rng, 200, features, missing), seed)
    later = some_values(rng, 60, features, 0.2)  # also where nothing was missing in training
    groups = rng.integers(0, 4, features)
    groups[0] = 3
    expected = lightgbms(booster, later)
    found, base = own(booster, later, groups)
    for group in range(4):
        np.testing.assert_allclose(found[:, group], expected[:, :-1][:, groups == group].sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(base, expected[:, -1], atol=1e-9)
    np.testing.assert_allclose(base + found.sum(axis=1), booster.predict(later, raw_score=True), atol=1e-9)


@pytest.fixture(scope="module")
def values() -> Floats:
    return some_values(np.random.default_rng(1), 600, 9, 0.1)


@pytest.fixture(scope="module")
def bushy(values: Floats) -> lgb.Booster:
    return fitted({"objective": "binary", "num_leaves": 31, "min_data_in_leaf": 2}, values)


@pytest.mark.parametrize("small", [1, 3, 64])
def test_it_does_not_matter_how_small_the_trees_are_cut(
    bushy: lgb.Booster, values: Floats, small: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = lightgbms(bushy, values)
    monkeypatch.setattr(forests, "SMALL", small)
    found, base = own(bushy, values, np.arange(9))
    np.testing.assert_allclose(np.column_stack([found, np.full(len(values), base)]), expected, atol=1e-9)


def test_batches_threads_and_other_rows_change_no_bit(
    bushy: lgb.Booster, values: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = np.arange(9) // 3
    expected, _ = own(bushy, values, groups)
    alone = np.vstack([own(bushy, values[k : k + 1], groups)[0] for k in range(20)])
    monkeypatch.setattr(shapley, "ROWS", 64)
    np.testing.assert_array_equal(own(bushy, values, groups, threads=2)[0], expected)
    np.testing.assert_array_equal(alone, expected[:20])


def by_definition(node: dict[str, Any], row: Floats, feature: int, path: dict[int, Floats]) -> float:
    """Shapley value of a feature: leaf by leaf, every set of other features by its size; no term cancels another.

    `path` holds, by feature, whether the row passes and the share of training rows that do.
    """
    if "leaf_value" in node:
        if feature not in path:
            return 0.0
        passes, share = path[feature]
        sizes = reduce(np.convolve, (other[::-1] for name, other in path.items() if name != feature), np.ones(1))
        weights = [1 / (len(path) * comb(len(path) - 1, size)) for size in range(len(path))]
        return float(node["leaf_value"] * (passes - share) * (sizes @ weights))
    asked, total = node["split_feature"], 0.0
    for side, left in (("left_child", True), ("right_child", False)):
        child = node[side]
        passes = (row[asked] <= node["threshold"]) == left
        share = (child["internal_count"] if "internal_count" in child else child["leaf_count"]) / node["internal_count"]
        here = path.get(asked, np.ones(2)) * np.array([passes, share])
        total += by_definition(child, row, feature, {**path, asked: here})
    return total


def test_a_path_of_more_decisions_than_a_pattern_holds() -> None:
    """LightGBM's own values are wrong by ten orders of magnitude here: it takes back what it multiplied."""
    booster, values = long_path(80)
    (trees,) = Booster.of(booster.model_to_string()).outputs
    assert np.diff(trees.small.first).max() > 64
    found, base = own(booster, values, np.arange(90))
    np.testing.assert_allclose(base + found.sum(axis=1), booster.predict(values, raw_score=True), rtol=1e-9)
    tree = booster.dump_model()["tree_info"][0]["tree_structure"]
    for row, feature in ((0, 89), (0, 30), (50, 50), (50, 70), (89, 60), (89, 89)):
        expected = by_definition(tree, values[row], feature, {})
        np.testing.assert_allclose(found[row, feature], expected, rtol=1e-9)


def test_a_forest_that_decides_nothing(values: Floats) -> None:
    booster = fitted({"objective": "binary", "min_data_in_leaf": 1000}, values)
    found, base = own(booster, values, np.arange(9))
    assert (found == 0).all()
    np.testing.assert_allclose(base, booster.predict(values, raw_score=True)[0])


def test_no_rows(bushy: lgb.Booster, values: Floats) -> None:
    assert own(bushy, values[:0], np.arange(9))[0].shape == (0, 9)
