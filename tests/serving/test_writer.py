"""A week is published whole or not at all, once, and everybody can read it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from features.errors import BusyError, StagecastError, UsageError
from serving import writer
from serving.contract import SCHEMA
from serving.writer import publish

WEEK = "as_of=1998-03-02/scores.parquet"

KILL_WRITERS = """
# For each line it is told, forks a writer that publishes one version after the other,
# lets it finish one or a few, kills it at any point of the next, and says so.
import os, random, signal, sys, time
from pathlib import Path
import pandas as pd
from serving.writer import publish
random.seed(7)
for line in sys.stdin:
    heard, told = os.pipe()
    if not (child := os.fork()):
        scores = pd.read_parquet(sys.argv[1], partitioning=None)
        for version in range(int(line) + 1, 10**6):
            publish(scores.assign(model_version=version), Path(sys.argv[2]))
            os.write(told, b".")
    for _ in range(random.randint(1, 3)):
        os.read(heard, 1)
    time.sleep(random.uniform(0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_week_is_one_file_with_the_contracts_schema_and_meanings(scores: pd.DataFrame, tmp_path: Path) -> None:
    path, new = publish(scores, tmp_path / "a" / "b")

    assert (path, new) == (tmp_path / "a" / "b" / WEEK, True)
    schema = pq.read_schema(path)
    assert schema.equals(SCHEMA)
    assert schema.field("p_order").metadata[b"meaning"] == SCHEMA.field("p_order").metadata[b"meaning"]


def test_everybody_reads_the_folder_and_the_file(scores: pd.DataFrame, tmp_path: Path) -> None:
    path, _ = publish(scores, tmp_path)
    publish(scores.assign(as_of="1998-03-09"), tmp_path)

    both, one = pd.read_parquet(tmp_path), pd.read_parquet(path)
    assert both.groupby("as_of", observed=True).size().to_dict() == {
        "1998-03-02": len(scores),
        "1998-03-09": len(scores),
    }
    assert set(one["as_of"]) == {"1998-03-02"}
    assert pq.read_table(tmp_path, filters=[("as_of", "=", "1998-03-09")]).num_rows == len(scores)
    pd.testing.assert_series_equal(one["p_regression"], scores["p_regression"], check_exact=True)


def test_duckdb_reads_it(scores: pd.DataFrame, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    publish(scores, tmp_path)
    query = f"select as_of, count(*) from read_parquet('{tmp_path}/**/*.parquet', hive_partitioning=true) group by all"
    ((as_of, number),) = duckdb.connect().execute(query).fetchall()
    assert (str(as_of), number) == ("1998-03-02", len(scores))


def test_polars_reads_it(scores: pd.DataFrame, tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    publish(scores, tmp_path)
    assert polars.scan_parquet(f"{tmp_path}/**/*.parquet", hive_partitioning=True).collect().height == len(scores)


def test_the_same_scores_again_leave_the_file_alone(scores: pd.DataFrame, tmp_path: Path) -> None:
    path, _ = publish(scores, tmp_path)
    before = path.stat(), path.read_bytes()
    again, new = publish(scores.assign(scored_at=pd.Timestamp("2030-01-01")), tmp_path)

    assert (again, new) == (path, False)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (before[0].st_mtime_ns, before[0].st_ino)
    assert path.read_bytes() == before[1]


def test_other_scores_take_their_place(scores: pd.DataFrame, tmp_path: Path) -> None:
    path, _ = publish(scores, tmp_path)
    _, new = publish(scores.assign(model_version=2), tmp_path)

    assert new
    assert set(pd.read_parquet(path)["model_version"]) == {2}


@pytest.mark.parametrize("rubbish", [b"", b"PAR1 nonsense PAR1"])
def test_a_damaged_week_is_written_anew(scores: pd.DataFrame, tmp_path: Path, rubbish: bytes) -> None:
    path, _ = publish(scores, tmp_path)
    path.write_bytes(rubbish)

    assert publish(scores, tmp_path) == (path, True)
    assert len(pd.read_parquet(path)) == len(scores)


def test_what_a_killed_writer_left_is_swept(scores: pd.DataFrame, tmp_path: Path) -> None:
    publish(scores, tmp_path)
    (tmp_path / "as_of=1998-03-02" / ".scores.parquet.123").write_bytes(b"half a file")
    publish(scores, tmp_path)

    assert names(tmp_path) == {WEEK, ".as_of=1998-03-02.lock"}


def test_two_writers_of_one_week_are_kept_apart(scores: pd.DataFrame, tmp_path: Path) -> None:
    with FileLock(tmp_path / ".as_of=1998-03-02.lock"):
        with pytest.raises(BusyError) as error:
            publish(scores, tmp_path)
        publish(scores.assign(as_of="1998-03-09"), tmp_path)  # another week may be written meanwhile

    assert error.value.exit_code == 75
    assert not (tmp_path / WEEK).exists()


def test_scores_do_not_go_into_a_file(scores: pd.DataFrame, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="a folder"):
        publish(scores, tmp_path / "file")
    with pytest.raises(StagecastError, match="cannot be written"):
        publish(scores, tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_one_may_not_write_to_is_an_error(scores: pd.DataFrame, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StagecastError, match="cannot be written"):
        publish(scores, tmp_path)


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_a_full_or_failing_disk_leaves_the_old_week(
    scores: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path, _ = publish(scores, tmp_path)
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    places = {"write": (pq, "write_table"), "fsync": (os, "fsync"), "replace": (Path, "replace")}
    monkeypatch.setattr(*places[step], fail)
    with pytest.raises(StagecastError, match="No space left"):
        publish(scores.assign(model_version=2), tmp_path)

    assert path.read_bytes() == before
    assert names(tmp_path) == {WEEK, ".as_of=1998-03-02.lock"}


def test_what_is_read_back_must_be_what_was_written(
    scores: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer.pq, "write_table", lambda table, file: pq.ParquetWriter(file, table.schema).close())
    with pytest.raises(StagecastError, match="not what is read back"):
        publish(scores, tmp_path)
    assert not (tmp_path / WEEK).exists()


def test_readers_see_a_whole_week_whenever_the_writer_is_killed(scores: pd.DataFrame, tmp_path: Path) -> None:
    few = scores.head(200)
    path, _ = publish(few.assign(model_version=1), tmp_path / "out")
    few.to_parquet(tmp_path / "few.parquet", index=False)
    versions = [1]
    arguments = [sys.executable, "-c", KILL_WRITERS, tmp_path / "few.parquet", tmp_path / "out"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killer:
        assert killer.stdin is not None
        assert killer.stdout is not None
        for _ in range(15):
            print(versions[-1], file=killer.stdin, flush=True)
            assert killer.stdout.readline() == "killed\n"
            table = pd.read_parquet(tmp_path / "out")
            assert len(table) == len(few)
            versions.append(*set(table["model_version"]))
        killer.stdin.close()

    assert versions == sorted(versions)
    assert versions[-1] > 15
    publish(few.assign(model_version=10**6), tmp_path / "out")  # the lock went with the killed
    assert names(tmp_path / "out") == {WEEK, ".as_of=1998-03-02.lock"}
    assert set(pd.read_parquet(path)["model_version"]) == {10**6}


def test_missing_money_is_null_and_not_nan(scores: pd.DataFrame, tmp_path: Path) -> None:
    path, _ = publish(scores.assign(value_at_risk=np.nan), tmp_path)
    assert pa.compute.is_null(pq.read_table(path, partitioning=None)["value_at_risk"]).to_pylist() == [True] * len(
        scores
    )
