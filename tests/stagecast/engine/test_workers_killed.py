"""Workers are killed with -9 at any moment: the same result comes out, or a clear failure, and nothing half-made."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Timer

import pytest
from dask_settings import OnDask
from odd_lines import some_lines
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import StagecastError
from serving.store import open_store
from stagecast import progress, reading
from stagecast.config import Config
from stagecast.engine.mapped import Dask

pytestmark = pytest.mark.slow

CUTOFFS = ["2020-03-02", "2020-05-18"]
TIMES = int(os.environ.get("STAGECAST_WORKER_KILLS", "2"))
STEPS = ["read the orders, part 2", "look at the whole shop", "build the features, part 3"]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "STRETCH", 400)


@pytest.fixture
def kill(dask_engine: Dask) -> Callable[[], None]:
    """Kill a worker that is there."""
    draw = random.Random(1)

    def one() -> None:
        with suppress(ProcessLookupError, OSError):
            os.kill(draw.choice(list(dask_engine._client.run(os.getpid).values())), signal.SIGKILL)

    return one


@contextmanager
def at_step(step: str, act: Callable[[], None]) -> Iterator[list[str]]:
    """Act as soon as a job says that it does this, once."""
    told: list[str] = []

    def hear(said: str) -> None:
        if said.startswith(step) and said not in told:
            act()
        told.append(said)

    before = progress._listener.set(hear)
    try:
        yield told
    finally:
        progress._listener.reset(before)


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("orders") / "orders.parquet"
    some_lines([f"c{k}" for k in range(300)], lines=4000).to_parquet(path, row_group_size=200)
    return path


@pytest.fixture(scope="module")
def want(orders: Path) -> bytes:
    out = orders.with_name("want.parquet")
    stagecast.write_features(str(orders), CUTOFFS, out, Config.model_validate({"features": {"windows": [4]}}))
    return out.read_bytes()


def features(orders: Path, out: Path, on_dask: OnDask) -> bytes:
    config = on_dask(Config.model_validate({"features": {"windows": [4], "partition_lines": 300}}))
    stagecast.write_features(str(orders), CUTOFFS, out, config)
    assert list(out.parent.iterdir()) == [out]
    return out.read_bytes()


@pytest.mark.parametrize("step", STEPS)
def test_in_each_step(
    *, orders: Path, want: bytes, on_dask: OnDask, kill: Callable[[], None], tmp_path: Path, step: str
) -> None:
    with at_step(step, kill) as told:
        assert features(orders, tmp_path / "f.parquet", on_dask) == want
    assert any(said.startswith(step) for said in told)


def test_at_random_moments(
    orders: Path, want: bytes, on_dask: OnDask, kill: Callable[[], None], tmp_path: Path
) -> None:
    began, draw = time.monotonic(), random.Random(2)
    assert features(orders, tmp_path / "f.parquet", on_dask) == want
    long = time.monotonic() - began
    for k in range(TIMES):
        timer = Timer(long * (k + draw.random()) / TIMES, kill)
        timer.start()
        assert features(orders, tmp_path / "f.parquet", on_dask) == want
        timer.join()


def test_while_customers_are_scored(shop: Shop, on_dask: OnDask, kill: Callable[[], None], tmp_path: Path) -> None:
    config = on_dask(shop.config).overridden("features", partition_lines=500)
    with at_step("score the customers, part 2", kill):
        done = stagecast.score(str(shop.orders), AS_OF, tmp_path / "scores", config, shop.registered)
    want = stagecast.score(str(shop.orders), AS_OF, tmp_path / "want", shop.config, shop.registered)
    contents = [open_store(str(tmp_path / name)).receipt(AS_OF).content for name in ("scores", "want")]  # type: ignore[union-attr]
    assert contents[0] == contents[1]
    assert done.new
    assert want.new


def test_a_job_that_cannot_go_on_publishes_nothing(
    shop: Shop, on_dask: OnDask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: Dask, _: object) -> object:
        raise StagecastError("a piece of the work ended one worker after the other")

    config = on_dask(shop.config).overridden("features", partition_lines=500)
    give_up = at_step("score the customers, part 3", lambda: monkeypatch.setattr(Dask, "_result", lost))
    with give_up, pytest.raises(StagecastError, match="one worker after the other"):
        stagecast.score(str(shop.orders), AS_OF, tmp_path / "scores", config, shop.registered)
    assert open_store(str(tmp_path / "scores")).weeks() == []


def test_when_the_job_itself_is_killed_its_workers_end(orders: Path, tmp_path: Path) -> None:
    code = """
import os, time
from stagecast.engine import EngineConfig, engine_of
if __name__ == "__main__":
    with engine_of(EngineConfig(name="dask", workers=2)) as engine:
        print(*engine._client.run(os.getpid).values(), flush=True)
        time.sleep(60)
"""
    (tmp_path / "job.py").write_text(code)
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(
        [sys.executable, str(tmp_path / "job.py")], env=os.environ | path, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    workers = [int(number) for number in child.stdout.readline().split()]
    assert len(workers) == 2
    child.kill()
    child.communicate()
    until = time.monotonic() + 20
    while any(Path(f"/proc/{number}").exists() for number in workers) and time.monotonic() < until:
        time.sleep(0.1)
    assert not any(Path(f"/proc/{number}").exists() for number in workers)
