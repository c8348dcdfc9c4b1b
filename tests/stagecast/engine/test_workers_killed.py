"""A job that cannot go on publishes nothing, and one that is killed leaves no worker behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dask_settings import OnDask
from killed_workers import Course, heard
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import StagecastError
from serving.store import open_store
from stagecast.engine.mapped import Dask

pytestmark = pytest.mark.slow


def test_a_job_that_cannot_go_on_publishes_nothing(
    shop: Shop, on_dask: OnDask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(self: Dask, _: object) -> object:
        raise StagecastError("a piece of the work ended one worker after the other")

    config = on_dask(shop.config).overridden("features", partition_lines=500)
    give_up = Course(("score the customers, part 3",), lambda _: monkeypatch.setattr(Dask, "_result", lost))
    with heard(give_up), pytest.raises(StagecastError, match="one worker after the other"):
        stagecast.score(str(shop.orders), AS_OF, tmp_path / "scores", config, shop.registered)
    assert open_store(str(tmp_path / "scores")).weeks() == []


def test_when_the_job_itself_is_killed_its_workers_end(tmp_path: Path) -> None:
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
