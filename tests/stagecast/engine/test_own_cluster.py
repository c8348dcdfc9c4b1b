"""A cluster of one's own: its scheduler is lost, a worker comes late, two jobs share it, an address is wrong."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest
from killed_workers import Course, heard
from odd_lines import CUTOFFS
from own_cluster import OwnCluster, own_cluster
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import BusyError, StagecastError
from serving.store import open_store
from stagecast.config import Config
from stagecast.engine import EngineConfig, engine_of

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("many_pieces")]
pytest.importorskip("distributed", reason="the extra dask is not installed")


def settings(cluster: OwnCluster | None = None) -> Config:
    config = Config.model_validate({"features": {"windows": [4], "partition_lines": 300}})
    return config.overridden("engine", scheduler=cluster.address, patience=20.0) if cluster else config


def test_a_scheduler_lost_while_scoring(shop: Shop, tmp_path: Path) -> None:
    config, out = shop.config.overridden("features", partition_lines=300), tmp_path / "scores"
    with own_cluster(tmp_path, workers=1) as cluster:
        there = config.overridden("engine", scheduler=cluster.address, patience=20.0)
        course = Course(("score the customers",), lambda _: cluster.lose_scheduler())
        with heard(course), pytest.raises(BusyError, match=r"went away|are gone") as error:
            stagecast.score(str(shop.orders), AS_OF, out, there, shop.registered)
    assert error.value.exit_code == 75
    assert time.monotonic() - course.began["score the customers"] < 60
    assert open_store(str(out)).weeks() == []

    again = stagecast.score(str(shop.orders), AS_OF, out, config, shop.registered)
    assert again.new
    assert [path.name for path in (out / "_work").iterdir()] == ["models"]


def test_a_scheduler_lost_while_features_are_made(orders: Path, tmp_path: Path) -> None:
    with own_cluster(tmp_path, workers=1) as cluster:
        course = Course(("read the orders",), lambda _: cluster.lose_scheduler())
        with heard(course), pytest.raises(BusyError, match=r"went away|are gone"):
            stagecast.write_features(str(orders), CUTOFFS, tmp_path / "out" / "f.parquet", settings(cluster))
    assert list((tmp_path / "out").iterdir()) == []


def test_a_worker_that_comes_late_and_two_jobs_at_once_give_the_same(orders: Path, tmp_path: Path) -> None:
    stagecast.write_features(str(orders), CUTOFFS, tmp_path / "want.parquet", settings())
    with own_cluster(tmp_path, workers=1) as cluster:
        config = settings(cluster)
        course = Course(("read the orders, part 2",), lambda _: cluster.add_worker())

        def one(name: str) -> bytes:
            stagecast.write_features(str(orders), CUTOFFS, tmp_path / name, config)
            return (tmp_path / name).read_bytes()

        with heard(course), ThreadPoolExecutor(2) as jobs:
            found = [jobs.submit(copy_context().run, one, name) for name in ("f.parquet", "f.parquet", "g.parquet")]
            assert {future.result() for future in found} == {(tmp_path / "want.parquet").read_bytes()}
    assert course.began
    left = {path.name for path in tmp_path.iterdir() if path.suffix == ".parquet" or path.name.startswith(".")}
    assert left == {"f.parquet", "g.parquet", "orders.parquet", "want.parquet"}


def test_two_scorers_of_one_store(shop: Shop, tmp_path: Path) -> None:
    with own_cluster(tmp_path, workers=1) as cluster, ThreadPoolExecutor(2) as jobs:
        config = shop.config.overridden("features", partition_lines=300)
        config = config.overridden("engine", scheduler=cluster.address, patience=20.0)

        def one(as_of: str) -> str:
            try:
                return str(stagecast.score(str(shop.orders), as_of, tmp_path / "scores", config, shop.registered).new)
            except BusyError as error:
                return error.problem

        weeks = [AS_OF, AS_OF, "1998-02-23"]
        found = list(jobs.map(one, weeks))
    store = open_store(str(tmp_path / "scores"))
    assert store.weeks() == ["1998-02-23", AS_OF]
    assert found[2] == "True"
    assert sorted(found[:2])[-1] == "True" or "another scorer is at work on this week" in found[:2]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:9", "cannot be reached"),
        ("tcp://nowhere.invalid:8786", "cannot be reached"),
        ("tls://127.0.0.1:9", "TLS|tls"),
    ],
)
def test_an_address_where_no_scheduler_is(address: str, said: str) -> None:
    began = time.monotonic()
    config = EngineConfig(scheduler=address, patience=2)
    with pytest.raises(StagecastError, match=said) as error, engine_of(config) as engine:
        assert engine.workers
    assert address in str(error.value)
    assert error.value.remedy is not None
    assert time.monotonic() - began < 20


def test_something_else_that_listens_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        began = time.monotonic()
        config = EngineConfig(scheduler=address, patience=2)
        with pytest.raises(StagecastError, match="cannot be reached"), engine_of(config) as engine:
            assert engine.workers
        assert time.monotonic() - began < 20
