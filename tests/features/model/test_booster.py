"""A booster read from its text predicts what LightGBM does: the raw scores bit by bit, whatever the trees."""

from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_boosters import QUIET, fitted, long_path, some_values

from features.errors import ModelError
from features.model import forest, scoring
from features.model.booster import Booster

Floats = npt.NDArray[np.float64]

models = st.fixed_dictionaries(
    {
        "objective": st.sampled_from(["binary", "regression", "tweedie", "multiclass"]),
        "num_leaves": st.sampled_from([2, 8, 40, 64, 65, 150]),
        "min_data_in_leaf": st.sampled_from([1, 5, 20, 1000]),
        "use_missing": st.booleans(),
        "boost_from_average": st.booleans(),
        "learning_rate": st.sampled_from([0.1, 1.0]),
    }
)


def some_rows(rng: np.random.Generator, rows: int, features: int) -> pd.DataFrame:
    """Hard numbers, in some columns of float32."""
    table = pd.DataFrame(some_values(rng, rows, features), columns=[f"f{k}" for k in range(features)])
    return table.astype(dict.fromkeys(table.columns[::2], np.float32))


def lightgbms(booster: lgb.Booster, table: pd.DataFrame, **how: Any) -> Floats:
    return np.asarray(booster.predict(table, num_threads=1, **how))


@settings(max_examples=40, deadline=None)
@given(parameters=models, seed=st.integers(0, 2**32 - 1), features=st.integers(1, 12))
def test_predictions_are_lightgbms_own(parameters: dict[str, Any], seed: int, features: int) -> None:
    rng = np.random.default_rng(seed)
    booster = fitted(parameters, some_rows(rng, 200, features), seed)
    own, rows = Booster.of(booster.model_to_string()), some_rows(rng, 300, features)
    expected = lightgbms(booster, rows, raw_score=True)
    assert own.raw(rows, 1).tobytes("C") == expected.reshape(len(rows), -1).tobytes("C")
    np.testing.assert_array_max_ulp(own.predict(rows, 1), lightgbms(booster, rows), maxulp=8)
    assert own.features == tuple(rows.columns)


def test_batches_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = some_rows(np.random.default_rng(1), 500, 9)
    own = Booster.of(fitted({"objective": "multiclass", "num_leaves": 30}, rows).model_to_string())
    whole = own.raw(rows, 1)
    monkeypatch.setattr(scoring, "ROWS", 7)
    for threads in (1, 2):
        assert (own.raw(rows, threads) == whole).all()
    assert own.predict(rows.head(0)).shape == (0, 3)


def test_the_size_of_trees_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = some_rows(np.random.default_rng(2), 500, 9)
    booster = fitted({"objective": "binary", "num_leaves": 60, "min_data_in_leaf": 1}, rows, rounds=20)
    for most in (1, 3, 12):
        monkeypatch.setattr(forest, "LARGE", most)
        assert (Booster.of(booster.model_to_string()).raw(rows)[:, 0] == lightgbms(booster, rows, raw_score=True)).all()


@pytest.mark.parametrize("leaves", [12, 80])
def test_a_single_long_path(leaves: int) -> None:
    booster, values = long_path(leaves)
    rows = pd.DataFrame(values, columns=booster.feature_name())
    assert (Booster.of(booster.model_to_string()).raw(rows)[:, 0] == lightgbms(booster, rows)).all()


def test_scores_beyond_what_exp_can_hold_are_certain() -> None:
    rows = pd.DataFrame({"f0": [0.0, 1.0] * 50})
    text = fitted({"objective": "binary", "min_data_in_leaf": 1}, rows).model_to_string()
    leaf = next(line for line in text.splitlines() if line.startswith("leaf_value="))
    own = Booster.of(text.replace(leaf, "leaf_value=-1000 1000"))
    assert set(own.predict(rows)) == {0.0, 1.0}


@pytest.mark.parametrize(
    ("parameters", "got"),
    [
        ({"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "an average"),
        ({"objective": "binary", "zero_as_missing": True}, "zero as missing"),
        ({"objective": "regression", "linear_tree": True}, "linear leaves"),
        ({"objective": "binary", "min_data_per_group": 1}, "categories"),
        ({"objective": "binary", "sigmoid": 2.0}, "sigmoid:2"),
        ({"objective": "regression", "reg_sqrt": True}, "sqrt"),
        ({"objective": "poisson"}, "poisson"),
    ],
)
def test_what_would_be_predicted_otherwise_is_refused(parameters: dict[str, Any], got: str) -> None:
    table = pd.DataFrame(np.random.default_rng(3).integers(0, 3, (200, 2)) * 1.0)
    target = table[0] if parameters["objective"] != "binary" else (table[0] == 1) * 1.0
    categories = [0] if "min_data_per_group" in parameters else []
    data = lgb.Dataset(table, target, params=parameters, categorical_feature=categories)
    booster = lgb.train({**QUIET, **parameters}, data, num_boost_round=2)
    with pytest.raises(ModelError, match=got):
        Booster.of(booster.model_to_string())


@pytest.mark.parametrize(
    "text",
    ["", "tree", "tree\nTree=0\n", "num_tree_per_iteration=x\nfeature_names=a\n", "num_tree_per_iteration=999999999"],
)
def test_a_text_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        Booster.of(text)


def test_a_text_that_was_changed_is_refused_or_predicts() -> None:
    rows = some_rows(np.random.default_rng(5), 200, 4)
    lines = fitted({"objective": "binary", "num_leaves": 6}, rows, rounds=2).model_to_string().splitlines()
    of_trees = range(lines.index("Tree=0"), lines.index("end of trees"))
    draw, refused = np.random.default_rng(6), 0
    for _ in range(400):
        at = int(draw.choice(of_trees))
        name, _, numbers = lines[at].partition("=")
        words = numbers.split()
        if words:
            words[int(draw.integers(len(words)))] = str(
                draw.choice(["-9", "-1", "0", "1", "2", "7", "nan", "x", "1e99"])
            )
        changed = "\n".join([*lines[:at], f"{name}={' '.join(words)}", *lines[at + 1 :]])
        try:
            assert Booster.of(changed).predict(rows, 1).shape == (len(rows),)
        except ModelError:
            refused += 1
    assert 100 < refused < 350
