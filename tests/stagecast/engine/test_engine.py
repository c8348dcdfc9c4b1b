"""An engine maps a function over pieces: in their order, with the errors of one process, even if workers are lost."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path

import pytest

from features.engine import Engine, Local
from features.errors import BusyError, DataError, StagecastError, UsageError
from features.orders.gate import LateFactError, Whole
from features.versions import versions
from stagecast.commands.common import on_engine
from stagecast.config import Config
from stagecast.engine import EngineConfig, engine_of

NUMBERS = range(20)


def squared(number: int) -> int:
    """The square, of small numbers late."""
    time.sleep(0.02 * (number < 3))
    return number * number


def refused_from_7(number: int) -> int:
    if number >= 7:
        raise DataError(f"number {number} is bad", got=number, remedy="count less")
    return number


def late(_: int) -> None:
    raise LateFactError("late", "all alike", Whole(zoned=True))


def full(_: int) -> None:
    raise OSError(28, "No space left on device", "/there")


def killed_once(place: tuple[Path, int]) -> int:
    """End the whole worker at the first try of a piece."""
    folder, number = place
    mark = folder / str(number)
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def always_killed(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class Large:
    carried: bytes

    def __call__(self, number: int) -> int:
        return len(self.carried) + number


@pytest.fixture(params=["local", pytest.param("dask", marks=pytest.mark.slow)])
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = Local() if request.param == "local" else request.getfixturevalue("dask_engine")
    return found


def test_findings_come_in_the_order_of_the_pieces(engine: Engine) -> None:
    assert list(engine.map(squared, NUMBERS)) == [number * number for number in NUMBERS]
    assert list(engine.map(squared, [])) == []


def test_the_first_error_in_the_order_of_the_pieces_is_raised_with_all_its_parts(engine: Engine) -> None:
    found = engine.map(refused_from_7, NUMBERS)
    assert [next(found) for _ in range(7)] == list(range(7))
    with pytest.raises(DataError, match="number 7 is bad") as error:
        next(found)
    assert (error.value.got, error.value.remedy, error.value.exit_code) == (7, "count less", 3)


def test_errors_that_are_made_in_a_way_of_their_own_come_back_whole(engine: Engine) -> None:
    with pytest.raises(LateFactError, match="late") as error:
        next(engine.map(late, [1]))
    assert error.value.whole == Whole(zoned=True)
    with pytest.raises(OSError, match="No space left") as full_disk:
        next(engine.map(full, [1]))
    assert full_disk.value.errno == 28


def test_the_local_engine_asks_for_no_piece_before_the_one_before_is_done() -> None:
    asked = []

    def pieces() -> Iterator[int]:
        for number in NUMBERS:
            asked.append(number)
            yield number

    found = Local().map(squared, pieces())
    next(found)
    assert asked == [0]


@pytest.mark.slow
def test_pieces_are_not_all_given_out_at_once(dask_engine: Engine) -> None:
    asked = []

    def pieces() -> Iterator[int]:
        for number in range(100):
            asked.append(number)
            yield number

    found = dask_engine.map(squared, pieces())
    assert next(found) == 0
    assert len(asked) <= 8
    assert list(found)[-1] == 99 * 99


@pytest.mark.slow
def test_what_is_large_is_sent_once_and_without_a_warning(dask_engine: Engine) -> None:
    assert list(dask_engine.map(Large(b"x" * 20_000_000), range(3))) == [20_000_000 + number for number in range(3)]


@pytest.mark.slow
def test_a_piece_of_a_lost_worker_is_done_by_another(dask_engine: Engine, tmp_path: Path) -> None:
    places = [(tmp_path, number) for number in range(3)]
    assert list(dask_engine.map(killed_once, places)) == [0, 1, 2]


@pytest.mark.slow
def test_a_piece_that_ends_every_worker_is_told(dask_engine: Engine) -> None:
    with pytest.raises(StagecastError, match="ended one worker after the other") as error:
        list(dask_engine.map(always_killed, [1]))
    assert "partition_lines" in str(error.value)
    assert list(dask_engine.map(squared, [3])) == [9]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
def test_what_workers_are_forked_from_has_one_thread_and_all_they_need(dask_engine: Engine) -> None:
    list(dask_engine.map(squared, [1]))
    server = Path(f"/proc/{forkserver._forkserver._forkserver_pid}")  # type: ignore[attr-defined]
    assert len(list((server / "task").iterdir())) == 1
    assert "numba" in (server / "maps").read_text()


@pytest.mark.slow
def test_a_scheduler_that_is_not_there_is_told() -> None:
    config = EngineConfig(scheduler="tcp://127.0.0.1:9", patience=0.5)
    with pytest.raises(StagecastError, match="cannot be reached") as error, engine_of(config):
        pass
    assert "tcp://127.0.0.1:9" in str(error.value)


@pytest.mark.slow
def test_a_cluster_without_workers_is_to_be_tried_later() -> None:
    from distributed import LocalCluster

    with LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0") as cluster:
        config = EngineConfig(scheduler=cluster.scheduler_address, patience=0.5)
        with pytest.raises(BusyError, match="has no workers"), engine_of(config):
            pass


def test_a_worker_of_other_versions_is_refused() -> None:
    mapped = pytest.importorskip("stagecast.engine.mapped", reason="the extra dask is not installed")
    with pytest.raises(UsageError, match="other versions") as error:
        mapped._done(mapped.Order(squared, "numpy 1.0"), 3)
    assert "numpy 1.0" in str(error.value)
    assert mapped._done(mapped.Order(squared, versions()), 3) == 9


def test_the_settings_name_the_engine() -> None:
    assert Config().engine.local
    assert on_engine(Config(), "dask", None).engine == EngineConfig(name="dask")
    there = on_engine(Config(), None, "tcp://host:8786").engine
    assert (there.local, there.scheduler) == (False, "tcp://host:8786")
    assert on_engine(Config(engine=there), "local", None).engine.local
    with pytest.raises(UsageError, match="no scheduler"):
        on_engine(Config(), "local", "tcp://host:8786")
    for name, scheduler in [("ray", None), (None, "host"), (None, "tcp://host"), (None, "file:///x:1")]:
        with pytest.raises(UsageError, match="wrong value of 'engine"):
            on_engine(Config(), name, scheduler)


def test_without_dask_installed_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stagecast.engine.opened.find_spec", lambda _: None)
    with pytest.raises(UsageError, match="Dask is not installed"), engine_of(EngineConfig(name="dask")):
        pass
