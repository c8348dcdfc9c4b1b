"""Killed with -9 at any moment: readers see the last complete week or the new one, and the next run succeeds."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from deltalake import DeltaTable
from made_weeks import WEEK, made_stamp, made_week

from serving.store import Retention, open_store, table

KILLS = int(os.environ.get("STAGECAST_KILLS", "20"))
ROWS = 3000

WRITER = """
# For each line, forks a publisher of one version after the other, which is killed so long after its first.
import os, signal, sys, time
import deltalake, pyarrow as pa
from made_weeks import made_stamp, made_week
from serving.store import Retention, open_store
from serving.store.delta import store as _

def publish(version, told):
    store, week = open_store(sys.argv[1]), made_week(ids=int(sys.argv[2]))
    place = week.schema.get_field_index("model_version")
    while version := version + 1:
        rows = week.set_column(place, week.schema.field(place), pa.array([version] * len(week)))
        store.publish([rows], made_stamp(job=version))
        store.keep("drift", "2011-06-06", {"version": version})
        if version % 7 == 0:
            store.tidy(Retention(keep_days=0))
        os.write(told, b".")

for line in sys.stdin:
    version, wait = line.split()
    heard, told = os.pipe()
    if not (child := os.fork()):
        publish(int(version), told)
    os.close(told)  # so that a child that fails is heard, too
    os.read(heard, 1)
    time.sleep(float(wait))
    os.kill(child, signal.SIGKILL)
    print("killed" if os.waitpid(child, 0)[1] == signal.SIGKILL else "failed", flush=True)
    os.close(heard)
"""


@contextmanager
def killer(folder: Path) -> Iterator[subprocess.Popen[str]]:
    support = str(Path(__file__).parents[2] / "support")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, support])}
    arguments = [sys.executable, "-c", WRITER, str(folder), str(ROWS)]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


def seen_by_us(folder: Path) -> int:
    """The version that our store shows, which must be whole."""
    found = table(open_store(folder), WEEK)
    assert found["customer_id"].to_pylist() == made_week(ids=ROWS)["customer_id"].to_pylist()
    (version,) = set(found["model_version"].to_pylist())
    return int(version)


def seen_by_others(folder: Path) -> int:
    """The version that whoever reads the Delta table sees, which must be whole."""
    found = DeltaTable(folder).to_pandas(columns=["customer_id", "as_of", "model_version"])
    assert (len(found), found["customer_id"].nunique(), set(found["as_of"])) == (ROWS, ROWS, {WEEK})
    (version,) = set(found["model_version"])
    return int(version)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kills", [2, pytest.param(KILLS, marks=pytest.mark.slow)])
def test_readers_see_a_whole_week_whenever_the_publisher_is_killed(tmp_path: Path, kills: int) -> None:
    moments, folder, version = random.Random(kills), tmp_path / "scores", 0
    with killer(folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(kills):
            print(version, moments.uniform(0, 0.12), file=process.stdin, flush=True)
            assert process.stdout.readline() == "killed\n"
            ours, theirs = seen_by_us(folder), seen_by_others(folder)
            assert theirs in (ours, ours + 1)  # committed, and killed before the receipt
            assert ours > version  # what was acknowledged is there
            version = theirs

    store = open_store(folder)
    for job in (10**6, 10**6 + 1):  # so that whatever was being committed is older than the newest commit
        store.publish([made_week(ids=ROWS)], made_stamp(job=job))
    store.keep("drift", WEEK, {})
    store.tidy(Retention(keep_days=0))
    log = {name for name in files(folder) if name.startswith("_delta_log")}
    (part,) = (name for name in files(folder) if name.startswith("as_of="))
    (receipt,) = (name for name in files(folder) if name.startswith("_receipts"))
    locks = {f"_locks/{WEEK}.lock", "_locks/table.lock"}
    assert files(folder) - log - locks == {part, receipt, f"_documents/drift/{WEEK}.json"}
    assert [name for name in log if not name.endswith((".json", ".parquet", "_last_checkpoint"))] == []
    assert len(log) < 60
