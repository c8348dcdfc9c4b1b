"""A small real model of all four parts."""

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from features.contract import FeatureContract
from features.model.calibration import BetaMap, Blend
from features.model.forecast import Calibration, Model
from features.model.money import Money
from features.model.next_stage import STANDING
from features.model.spread import Spread
from features.sets.declared import FeatureSet
from features.stages.spec import StageSpec

SPREAD = Spread(borders=(0.5,), multiples=((0.2, 0.9, 3.0), (-0.5, 1.0, 1.8)))
NAMES = ["recency", "stage_code", "count", "highest_stage", "spend", "stage_if_silent", "tenure", "order_days_ever"]
ROWS = 400
BASIC = {"verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "min_data_in_leaf": 10}
OBJECTIVES = {
    "regression": {"objective": "binary"},
    "otherwise": {"objective": "multiclass", "num_class": 3},
    "order": {"objective": "binary"},
    "spend": {"objective": "tweedie"},
}


def some_features(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({name: rng.normal(size=rows) for name in NAMES})
    table["stage_code"] = rng.integers(4, size=rows).astype(float)
    table["tenure"] = np.abs(table["tenure"]) + np.abs(table["recency"])
    table["order_days_ever"] = rng.integers(1, 9, size=rows).astype(float)
    table["highest_stage"] = rng.integers(3, size=rows).astype(float)
    table["stage_if_silent"] = np.where(rng.random(rows) < 0.5, 3.0, table["stage_code"])
    standing = {name: table[name] for name in STANDING}
    return table.mask(rng.random(table.shape) < 0.1).assign(**standing)


def train(part: str, table: pd.DataFrame, target: npt.NDArray[np.float64]) -> str:
    data = lgb.Dataset(table, label=target, params={"verbosity": -1})
    return lgb.train({**BASIC, **OBJECTIVES[part]}, data, num_boost_round=8).model_to_string()


@pytest.fixture(scope="session")
def features() -> pd.DataFrame:
    return some_features(ROWS)


@pytest.fixture(scope="session")
def spec() -> StageSpec:
    return StageSpec(
        hold_days=28,
        week_starts="mon",
        typical_gap=(40, 30, 20, 10),
        silent_after=(80, 60, 40, 20),
        lost_after=(300, 200, 150, 100),
        level_measure="net",
        fitted_before="2024-01-01",
        order_days=1000,
    )


@pytest.fixture(scope="session")
def model(features: pd.DataFrame, spec: StageSpec) -> Model:
    rng = np.random.default_rng(1)
    known = features.fillna(0.0)
    pull = known["recency"].to_numpy() + rng.normal(size=ROWS)
    targets = {
        "regression": (pull > 0.5) * 1.0,
        "otherwise": np.digitize(pull, [-0.5, 0.5]) * 1.0,
        "order": (pull < 0) * 1.0,
        "spend": np.maximum(known["spend"].to_numpy() * 10 + rng.normal(size=ROWS), 0.0),
    }
    return Model(
        boosters={part: train(part, features, target) for part, target in targets.items()},
        calibration=Calibration(
            regression=BetaMap(a=0.9, b=1.2, c=-0.1),
            surprise=0.01,
            order=Blend(w=1.1, c=0.2),
            money=Money(spread=SPREAD),
        ),
        contract=FeatureContract.of(dict.fromkeys(NAMES, "float64"), (), FeatureSet(), spec),
        spec=spec,
        typical={name: float(known[name].median()) for name in NAMES},
    )
