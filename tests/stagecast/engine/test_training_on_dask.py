"""A model of partitions, worked on here or by Dask, is the model of a log in memory, byte for byte."""

from collections.abc import Callable
from pathlib import Path

import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import UsageError
from stagecast.config import Config
from stagecast.models import Training

pytestmark = pytest.mark.slow


def trained(shop: Shop, config: Config, folder: Path) -> Training:
    config = config.overridden("training", work=str(folder / "work")).overridden("features", partition_lines=900)
    return stagecast.train(str(shop.orders), AS_OF, config.overridden(tracking_uri=f"sqlite:///{folder}/mlflow.db"))


@pytest.mark.parametrize("dask", [False, True])
def test_a_model_is_the_same_bytes(shop: Shop, on_dask: Callable[[Config], Config], tmp_path: Path, dask: bool) -> None:
    made = trained(shop, on_dask(shop.config) if dask else shop.config, tmp_path)

    assert made.version.digest == shop.registered.digest
    assert list((tmp_path / "work").iterdir()) == []


def test_trials_are_tried_by_the_workers(shop: Shop, on_dask: Callable[[Config], Config], tmp_path: Path) -> None:
    found = {}
    for name, config, trials in (("here", shop.config, 1), ("dask", on_dask(shop.config), 3)):
        tuning = {"trials": trials, "folds": 1, "rows": 1000, "targets": ["order"]}
        here = config.overridden("training", tuning=tuning, work=str(tmp_path), leave_out=["[!shr]*"])
        here = here.overridden(tracking_uri=f"sqlite:///{tmp_path}/mlflow.db")
        found[name] = stagecast.tune(str(shop.orders), AS_OF, tmp_path / name, here).found.table()

    assert found["dask"]["state"].tolist() == ["complete"] * 3
    assert found["dask"]["loss"][0] == found["here"]["loss"][0]


def test_a_cluster_is_told_where_the_orders_are(shop: Shop) -> None:
    with pytest.raises(UsageError, match="set work in"):
        stagecast.train(str(shop.orders), AS_OF, shop.config.overridden("engine", scheduler="tcp://nowhere:8786"))
