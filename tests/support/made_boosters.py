"""Small boosters of every kind that is trained here, and rows that are hard on them."""

from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
QUIET = {"verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True}


def some_values(rng: np.random.Generator, rows: int, features: int, missing: float = 0.05) -> Floats:
    """Numbers on a grid, so that they tie with thresholds; many are 0 of either sign, some missing, some infinite."""
    values = np.round(rng.normal(size=(rows, features)), 1) * (rng.random((rows, features)) < 0.8)
    for odd, share in ((np.nan, missing), (np.inf, 0.03), (-np.inf, 0.03)):
        values[rng.random(values.shape) < share] = odd
    return values


def fitted(parameters: dict[str, Any], rows: pd.DataFrame | Floats, seed: int = 0, rounds: int = 6) -> lgb.Booster:
    """A booster of a target that the first and the last column make together."""
    rng = np.random.default_rng(seed)
    known = np.nan_to_num(np.asarray(rows, np.float64), nan=0.7, posinf=3.0, neginf=-3.0)
    pull = known[:, 0] * known[:, -1] + known.sum(axis=1) + rng.normal(size=len(known))
    target = {"binary": pull > 0, "multiclass": np.clip(np.round(pull), 0, 2), "tweedie": np.maximum(pull, 0)}
    more = {"num_class": 3} if parameters["objective"] == "multiclass" else {}
    data = lgb.Dataset(rows, target.get(parameters["objective"], pull) * 1.0, params={"verbosity": -1})
    return lgb.train({**QUIET, **more, **parameters}, data, num_boost_round=rounds)


def long_path(leaves: int) -> tuple[lgb.Booster, Floats]:
    """One tree that is a single path of so many leaves, and the rows that it tells apart."""
    rows = np.eye(90)
    data = lgb.Dataset(rows, 1.2 ** np.arange(90), params={"verbosity": -1, "min_data_in_bin": 1})
    small = {"min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0, "feature_pre_filter": False}
    booster = lgb.train({**QUIET, **small, "objective": "regression", "num_leaves": leaves}, data, num_boost_round=1)
    return booster, rows
