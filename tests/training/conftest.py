"""A small shop that knows money, products and returns, and one model trained on it for the whole session."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from run_store import Store, published

from features.clock import Clock
from features.config import FeatureConfig, StageConfig
from features.families import all_features
from features.history import History
from features.past import Snapshots
from features.stages.spec import StageSpec
from training.config import BoosterConfig, Recipe, TrainingConfig
from training.log import Log
from training.table import Table
from training.train import Trained, train

FIRST = np.datetime64("2020-01-06")  # a Monday
DAYS = 58 * 7
AS_OF = int(np.datetime64("2021-02-15", "D").astype(int))  # the Monday after the last day
BOOSTER = BoosterConfig(rounds=8, learning_rate=0.1, min_data_in_leaf=20)
TRAINING = TrainingConfig(
    fit_weeks=8,
    judge_cutoffs=2,
    refit=False,
    fewest_customers=50,
    resamples=100,
    validity_resamples=0,
    threads=1,
    booster=BOOSTER,
)


def visits(rng: np.random.Generator) -> np.ndarray:
    """Days of the shop on which one customer buys: from its first, at its own rhythm, to its last."""
    first, gap, end = rng.integers(0, 380), rng.gamma(4, 8), rng.integers(60, 3 * DAYS // 2)
    days = first + np.cumsum(np.ceil(rng.gamma(3, gap / 3, 60)).astype(int))
    return np.concatenate([[first], days[days < min(end, DAYS)]])


@pytest.fixture(scope="session")
def orders() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    days = [visits(rng) for _ in range(300)]
    customer = np.repeat(np.arange(len(days)), [len(of) for of in days])
    table = pd.DataFrame({"customer_id": [f"client-{k:04}" for k in customer]})
    hour = rng.integers(0, 24, len(table)).astype("timedelta64[h]")
    table["ordered_at"] = (FIRST + np.concatenate(days)).astype("datetime64[us]") + hour
    table["product_id"] = [f"product-{k}" for k in rng.integers(0, 30, len(table))]
    table["quantity"] = rng.integers(1, 4, len(table)).astype(float)
    table["unit_price"] = np.round(rng.gamma(3, 10, len(table)) + customer % 7, 2)
    table["is_return"] = rng.random(len(table)) < 0.03
    table["amount"] = table["quantity"] * table["unit_price"] * np.where(table["is_return"], -1, 1)
    assert table["ordered_at"].max().floor("D") == pd.Timestamp(np.datetime64(AS_OF - 1, "D"))
    return table


@pytest.fixture(scope="session")
def history(orders: pd.DataFrame) -> History:
    return History.of(orders)


@pytest.fixture(scope="session")
def recipe() -> Recipe:
    return Recipe(Clock(), StageConfig(), FeatureConfig(windows=(4, 26, 52)), TRAINING, period_days=28)


@pytest.fixture(scope="session")
def changed(recipe: Recipe) -> Callable[..., Recipe]:
    """The recipe with other settings of [training]."""
    return lambda **settings: replace(recipe, training=recipe.training.model_copy(update=settings))


@pytest.fixture(scope="session")
def as_of() -> int:
    return AS_OF


@pytest.fixture(scope="session")
def trained(history: History, changed: Callable[..., Recipe]) -> Trained:
    """The one model that is trained with a report on its stages."""
    return train(Log.of(history), AS_OF, changed(validity_resamples=50), lambda _: None)


@pytest.fixture(scope="session")
def store(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Store:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(elsewhere)
        made = published(tmp_path_factory.mktemp("store"), trained)
    assert list(elsewhere.iterdir()) == []  # nothing is written into the working folder
    return made


@pytest.fixture(scope="session")
def table_at(history: History, trained: Trained) -> Callable[..., Table]:
    """The training table of some cut-offs, under the trained model's spec."""
    spec: StageSpec = trained.model.spec
    wanted = set(trained.model.contract.features)
    features = [feature for feature in all_features(FeatureConfig().windows, history.has) if feature.name in wanted]
    return lambda cutoffs: Table.of(history, Snapshots.of(history, cutoffs), spec, features, AS_OF)


@pytest.fixture(scope="session")
def fitted_on(trained: Trained, table_at: Callable[..., Table]) -> Table:
    return table_at(trained.judged.fit)


@pytest.fixture(scope="session")
def calibrated_on(trained: Trained, table_at: Callable[..., Table]) -> Table:
    return table_at(trained.judged.calibrate)


@pytest.fixture(scope="session")
def judged_on(trained: Trained, table_at: Callable[..., Table]) -> Table:
    return table_at(trained.judged.judge)
