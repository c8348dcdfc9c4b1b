"""What only the store in Delta does: a table that others read, and files that outlive a power cut."""

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError
from made_weeks import WEEK, made_stamp, made_week

from features.errors import BusyError, DataError, StagecastError, UsageError
from serving.contract import SCHEMA
from serving.store import Retention, Store, open_store, table
from serving.store.place import Folder

NEXT = "2011-06-13"


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with two weeks, one of them replaced once."""
    store = open_store(tmp_path / "scores")
    store.publish([made_week()], made_stamp())
    store.publish([made_week(NEXT)], made_stamp(NEXT, job=2))
    store.publish([made_week(seed=1)], made_stamp(job=3))
    return tmp_path / "scores"


def test_pandas_reads_it_from_the_delta_table(folder: Path) -> None:
    read = DeltaTable(folder).to_pandas(filters=[("as_of", "=", WEEK)])
    ours = table(open_store(folder), WEEK).to_pandas()
    pd.testing.assert_frame_equal(read[ours.columns], ours, check_dtype=False, check_categorical=False)


def test_polars_reads_it(folder: Path) -> None:
    polars = pytest.importorskip("polars")
    read = polars.scan_delta(str(folder)).filter(polars.col("as_of") == WEEK).collect()
    assert read["p_order"].to_list() == made_week(seed=1)["p_order"].to_pylist()


def test_duckdb_reads_it(folder: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    scores = DeltaTable(folder).to_pyarrow_dataset()
    with duckdb.connect() as connection:
        connection.register("scores", scores)
        counts = connection.execute("select as_of, count(*) from scores group by all order by 1").fetchall()
    assert counts == [(WEEK, 50), (NEXT, 50)]


def test_the_table_says_what_its_columns_mean_and_who_published(folder: Path) -> None:
    there = DeltaTable(folder)
    assert {field.name: field.metadata["meaning"] for field in there.schema().fields} == {
        field.name: field.metadata[b"meaning"].decode() for field in SCHEMA
    }
    assert there.metadata().partition_columns == ["as_of"]
    receipt = json.loads(there.history(1)[0]["stagecast.receipt"])
    assert (receipt["as_of"], receipt["scoring_id"]) == (WEEK, made_stamp(job=3).scoring_id)


@pytest.mark.parametrize(
    "change", [{"p_order": 1.5}, {"p_stable": float("nan")}, {"p_order": None}, {"stage": None}, {"extra": 1}]
)
def test_other_writers_are_held_to_the_contract(folder: Path, change: dict[str, Any]) -> None:
    week = pa.Table.from_batches([made_week("2011-06-20")]).drop_columns("as_of").to_pandas()
    with pytest.raises((DeltaError, OSError, ValueError)):
        write_deltalake(folder, pa.Table.from_pandas(week.assign(as_of="2011-06-20", **change)), mode="append")
    assert DeltaTable(folder).to_pyarrow_dataset().count_rows() == 100


def test_no_id_stands_in_the_log_nor_in_a_receipt(folder: Path) -> None:
    assert not [name for name, held in files(folder).items() if b"c0000" in held and not name.endswith(".parquet")]


def test_a_forgotten_customer_is_in_no_byte_that_is_left(folder: Path) -> None:
    store = open_store(folder)
    store.publish([made_week("2011-06-20", ids=["Ada Lovelace", "somebody"])], made_stamp("2011-06-20"))
    store.tidy(Retention())
    assert any(b"Ada Lovelace" in held for held in files(folder).values())
    store.forget(["Ada Lovelace"])
    assert not [name for name, held in files(folder).items() if b"Ada Lovelace" in held]


def test_nothing_of_a_week_that_went_is_left_but_the_logs_word(folder: Path) -> None:
    open_store(folder).tidy(Retention(keep_weeks=1, keep_days=0))
    assert not [name for name in files(folder) if WEEK in name]
    assert DeltaTable(folder).to_pyarrow_dataset().count_rows() == 50


def test_what_a_killed_commit_left_beside_the_log_goes_once_a_later_one_stands(folder: Path) -> None:
    newest = max((folder / "_delta_log").glob("*.json"))
    old, next_one = (newest.with_name(f"{int(newest.stem) + later:020}.json#1") for later in (-1, 1))
    for staged in (old, next_one):
        staged.write_bytes(b"{}")
    open_store(folder).tidy(Retention(keep_days=36500))
    assert not old.exists()
    assert next_one.exists()  # somebody may be at it


CUTS: dict[str, Callable[[bytes], bytes]] = {"empty": lambda _: b"", "torn": lambda commit: commit[: len(commit) // 2]}


@pytest.mark.parametrize("cut", CUTS)
def test_a_commit_that_a_power_cut_left_short_is_told_and_mended(
    folder: Path, cut: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, before = open_store(folder), open_store(folder).receipt(WEEK)
    commit = max((folder / "_delta_log").glob("*.json"))
    lost = commit.with_name(f"{int(commit.stem) + 1:020}.json")
    lost.write_bytes(CUTS[cut](commit.read_bytes()))  # an unacknowledged one: readers see what was receipted before
    if cut == "empty":
        assert table(store, WEEK).equals(pa.Table.from_batches([made_week(seed=1)]))
    else:
        with pytest.raises(StagecastError, match="cannot be read"):
            table(store, WEEK)
    with caplog.at_level(logging.WARNING):
        store.tidy(Retention())
    assert lost.name in caplog.text
    assert store.receipt(WEEK) == before
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week(seed=1)]))


def test_an_acknowledged_week_that_is_lost_is_told_and_can_be_scored_again(folder: Path) -> None:
    commit = max((folder / "_delta_log").glob("*.json"))
    commit.write_bytes(b"")  # a disk that lied about its fsync
    store = open_store(folder)
    with pytest.raises(DataError, match="not what its receipt says"):
        table(store, WEEK)
    assert table(store, NEXT).num_rows == 50

    assert store.publish([made_week(seed=1)], made_stamp(job=4)).new
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week(seed=1)]))
    assert DeltaTable(folder).to_pyarrow_dataset().count_rows() == 100


@pytest.mark.parametrize("rubbish", [b"", b"PAR1 nonsense PAR1", None])
def test_a_week_whose_file_is_damaged_or_gone_is_written_anew(folder: Path, rubbish: bytes | None) -> None:
    receipt = open_store(folder).receipt(WEEK)
    assert receipt is not None
    (part,) = (folder / name for name in receipt.files)
    part.unlink() if rubbish is None else part.write_bytes(rubbish)
    with pytest.raises(StagecastError, match="cannot be read"):
        table(open_store(folder), WEEK)
    assert open_store(folder).publish([made_week(seed=1)], made_stamp(job=4)).new
    assert table(open_store(folder), WEEK).equals(pa.Table.from_batches([made_week(seed=1)]))


def test_a_damaged_receipt_is_told(folder: Path) -> None:
    max((folder / "_receipts" / WEEK).glob("*.json")).write_text('{"as_of": "2011-06-06"}')
    with pytest.raises(DataError, match="receipt of a week is damaged"):
        open_store(folder).receipt(WEEK)


def test_a_receipt_points_at_no_file_elsewhere(folder: Path) -> None:
    path = max((folder / "_receipts" / WEEK).glob("*.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"files": ["../../etc/passwd"]}))
    with pytest.raises(DataError, match="damaged"):
        table(open_store(folder), WEEK)


def test_a_week_that_was_committed_without_its_receipt_is_receipted_by_the_next(folder: Path) -> None:
    lost = open_store(folder).receipt(WEEK)
    assert lost is not None
    max((folder / "_receipts" / WEEK).glob("*.json")).unlink()
    assert table(open_store(folder), WEEK).equals(pa.Table.from_batches([made_week()]))  # the one before still stands

    again = open_store(folder).publish([made_week(seed=1)], made_stamp(job=4))
    assert not again.new
    assert again.receipt == lost


def test_a_table_with_other_columns_is_left_alone(tmp_path: Path) -> None:
    write_deltalake(tmp_path, pa.table({"customer_id": ["x"], "as_of": [WEEK], "score": [1.0]}), partition_by=["as_of"])
    before = files(tmp_path)
    with pytest.raises(StagecastError, match="other columns"):
        open_store(tmp_path).publish([made_week()], made_stamp())
    assert before.items() <= files(tmp_path).items()


def test_scores_do_not_go_into_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(UsageError, match="folder"):
        open_store(tmp_path / "file")
    with pytest.raises(StagecastError, match="cannot be"):
        open_store(tmp_path / "file" / "below").publish([made_week()], made_stamp())
    assert (tmp_path / "file").read_text() == "mine"


def test_what_is_read_back_must_be_what_was_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pa.parquet.ParquetWriter.write_batch
    monkeypatch.setattr(pa.parquet.ParquetWriter, "write_batch", lambda self, batch, *_, **__: real(self, batch[1:]))
    with pytest.raises(StagecastError, match="not what is read back"):
        open_store(folder).publish([made_week(seed=2)], made_stamp(job=4))
    assert table(open_store(folder), WEEK).equals(pa.Table.from_batches([made_week(seed=1)]))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which file was synced")
def test_each_step_is_durable_before_the_next(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    sync, commit, replace = os.fsync, DeltaTable.create_write_transaction, Path.replace

    def spy(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(first: Any, *given: Any, **named: Any) -> Any:
            done = real(first, *given, **named)
            where = os.readlink(f"/proc/self/fd/{first}") if name == "sync" else str(given[0]) if name == "move" else ""
            events.append(f"{name} {where.replace(str(folder.resolve()), '').replace(str(folder), '')}".strip())
            return done

        return call

    monkeypatch.setattr(os, "fsync", spy("sync", sync))
    monkeypatch.setattr(DeltaTable, "create_write_transaction", spy("commit", commit))
    monkeypatch.setattr(Path, "replace", spy("move", replace))
    receipt = open_store(folder).publish([made_week(seed=2)], made_stamp(job=4)).receipt

    log, name = "/_delta_log", f"{receipt.version:020}.json"
    assert events[:2] == [f"sync /{receipt.files[0]}", f"sync /as_of={WEEK}"]
    assert events[2:5] == ["commit", f"sync {log}/{name}", f"sync {log}"]
    assert [event.split(".")[0] for event in events[5:]] == [
        f"sync /_receipts/{WEEK}/",
        f"move /_receipts/{WEEK}/{receipt.version:020}",
        f"sync /_receipts/{WEEK}",
    ]


class FaultError(OSError):
    """A disk that fails."""


def faulty(monkeypatch: pytest.MonkeyPatch, nth: int) -> list[str]:
    """Let the n-th write, fsync, rename, commit or removal fail; what was called, as it is called."""
    called: list[str] = []

    def counted(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            called.append(name)
            if len(called) == nth:
                raise FaultError(28, "No space left on device")
            return real(*given, **named)

        return call

    for owner, name in (
        (os, "fsync"),
        (os, "open"),
        (Path, "replace"),
        (Path, "unlink"),
        (Path, "open"),
        (Path, "mkdir"),
        (pa.parquet.ParquetWriter, "write_batch"),
        (DeltaTable, "create_write_transaction"),
    ):
        monkeypatch.setattr(owner, name, counted(name, getattr(owner, name)))
    return called


def _nth(folder: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> bool:
    """Publish with a fault in the n-th call; whether it came to that."""
    store: Store = open_store(folder)
    old, new = pa.Table.from_batches([made_week()]), pa.Table.from_batches([made_week(seed=1)])
    store.publish([made_week()], made_stamp())
    failed = False
    with monkeypatch.context() as patched:
        called = faulty(patched, nth)
        try:
            store.publish([made_week(seed=1)], made_stamp(job=2))
        except StagecastError as error:
            assert "No space left" in str(error)  # noqa: PT017  # not every fault must be one
            failed = True
    seen = table(store, WEEK)
    assert seen.equals(new) or (failed and seen.equals(old))
    others = DeltaTable(folder).to_pyarrow_dataset().to_table(columns=["model_version"])[0].to_pylist()
    assert others in ([0] * 50, [1] * 50)
    store.publish([made_week(seed=1)], made_stamp(job=3))
    assert table(store, WEEK).equals(new)
    held = {name for receipt in store.versions(WEEK) for name in receipt.files}
    assert {name for name in files(folder) if name.startswith("as_of")} == held
    assert not [name for name in files(folder) if "/." in name]
    return len(called) >= nth


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_whichever_call_fails_a_whole_week_stands_and_the_next_run_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    nth = 1
    while _nth(tmp_path / str(nth), monkeypatch, nth):
        nth += step
    assert nth > 20


def _nth_forget(folder: Path, monkeypatch: pytest.MonkeyPatch, nth: int) -> bool:
    """Forget and tidy with a fault in the n-th call; whether it came to that."""
    store, ids = open_store(folder), ["Ada Lovelace", "somebody"]
    for seed, as_of in enumerate((WEEK, WEEK, NEXT)):
        store.publish([made_week(as_of, ids=ids, seed=seed)], made_stamp(as_of, job=seed))
    store.keep("moved", WEEK, {"most": [{"customer_id": "Ada Lovelace"}]})
    with monkeypatch.context() as patched:
        called = faulty(patched, nth)
        with suppress(StagecastError):
            store.forget(["Ada Lovelace"])
            store.tidy(Retention(keep_days=0))
    for as_of in (WEEK, NEXT):
        assert table(store, as_of, ["customer_id"])[0].to_pylist() in (ids, ids[1:])
    store.forget(["Ada Lovelace"])
    assert not [name for name, content in files(folder).items() if b"Ada Lovelace" in content]
    assert [table(store, as_of, ["customer_id"])[0].to_pylist() for as_of in (WEEK, NEXT)] == [ids[1:], ids[1:]]
    return len(called) >= nth


@pytest.mark.slow
def test_whichever_call_fails_forgetting_again_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nth = 1
    while _nth_forget(tmp_path / str(nth), monkeypatch, nth):
        nth += 1
    assert nth > 40


SMALL = """
import resource, signal, sys
import deltalake
from made_weeks import made_stamp, made_week
from serving.store import open_store
store = open_store(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    store.publish([made_week(ids=5000, seed=1)], made_stamp(job=2))
except Exception as error:
    print(type(error).__name__, getattr(error, "exit_code", None), error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0, 100, 1000, 4096, 20_000, 200_000])
def test_a_disk_that_is_full_for_everybody_leaves_the_old_week(tmp_path: Path, limit: int) -> None:
    store = open_store(tmp_path)
    store.publish([made_week(ids=5000)], made_stamp())
    arguments = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path}; {SMALL}", tmp_path, str(limit)]
    told = subprocess.run(arguments, capture_output=True, text=True, check=True).stdout
    assert told.startswith("StagecastError 1 the score table cannot be written")
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week(ids=5000)]))
    assert DeltaTable(tmp_path).to_pyarrow_dataset().count_rows() == 5000
    assert store.publish([made_week(ids=5000, seed=1)], made_stamp(job=3)).new


NOBODY = """
import os, sys
from made_weeks import WEEK, made_stamp, made_week
from features.errors import StagecastError
from serving.store import open_store, table
store = open_store(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)  # root may write everywhere
print(table(store, WEEK).num_rows, store.weeks())
try:
    store.publish([made_week(seed=2)], made_stamp(job=4))
except StagecastError as error:
    print(error)
"""


@pytest.mark.slow
def test_a_store_one_may_not_write_to_is_read_all_the_same(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as readable:
        there = shutil.copytree(folder, Path(readable) / "scores")
        Path(readable).chmod(0o755)
        for path in (there, *there.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path}; {NOBODY}", there]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        before, after = files(folder), files(there)
    assert done.stdout.startswith(f"50 ['{WEEK}', '{NEXT}']\nthe score table cannot be written"), done.stderr
    assert before == after


def test_two_publishers_of_one_week_are_kept_apart_and_others_are_not(folder: Path) -> None:
    store = open_store(folder)

    def rows() -> Iterator[pa.RecordBatch]:
        with pytest.raises(BusyError) as error:
            open_store(folder).publish([made_week(seed=3)], made_stamp(job=5))
        assert error.value.exit_code == 75
        open_store(folder).publish([made_week(NEXT, seed=3)], made_stamp(NEXT, job=6))
        yield made_week(seed=2)

    store.publish(rows(), made_stamp(job=4))
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week(seed=2)]))
    assert table(store, NEXT).equals(pa.Table.from_batches([made_week(NEXT, seed=3)]))


def test_without_a_lock_the_log_keeps_publishers_of_a_week_apart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an object store, where only the commit is atomic."""

    monkeypatch.setattr(Folder, "alone", lambda *_: nullcontext())
    monkeypatch.setattr("serving.store.delta.weeks.Weeks.sweep", lambda *_: 0)

    def rows() -> Iterator[pa.RecordBatch]:
        open_store(folder).publish([made_week(seed=3)], made_stamp(job=5))
        yield made_week(seed=2)

    with pytest.raises(BusyError, match="meanwhile"):
        open_store(folder).publish(rows(), made_stamp(job=4))
    assert table(open_store(folder), WEEK).equals(pa.Table.from_batches([made_week(seed=3)]))


RACER = """
import sys
from made_weeks import made_stamp, made_week
from serving.store import open_store
from features.errors import BusyError
folder, as_of, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
try:
    week = made_week(as_of, ids=3000, seed=seed)
    print("new" if open_store(folder).publish([week], made_stamp(as_of, job=seed)).new else "same")
except BusyError as error:
    print("busy", error.exit_code)
"""


@pytest.mark.slow
@pytest.mark.parametrize("racers", [2, 4])
@pytest.mark.parametrize("apart", [True, False], ids=["different weeks", "the same week"])
def test_scorers_at_once_leave_every_week_whole(tmp_path: Path, racers: int, apart: bool) -> None:
    weeks = [f"2011-06-{6 + 7 * place * apart:02}" for place in range(racers)]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path}; {RACER}", tmp_path]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, week, str(seed)], **pipes) for seed, week in enumerate(weeks)]
    for racer in running:
        assert racer.stdout.readline() == "ready\n"
    for racer in running:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate()[0].strip() for racer in running]

    assert all(racer.returncode == 0 for racer in running)
    assert set(said) <= ({"new"} if apart else {"new", "busy 75"})
    assert "new" in said
    store = open_store(tmp_path)
    assert store.weeks() == sorted(set(weeks))
    for week in set(weeks):
        found = table(store, week)
        (seed,) = set(found["model_version"].to_pylist())
        assert found.equals(pa.Table.from_batches([made_week(week, ids=3000, seed=seed)]))
    assert DeltaTable(tmp_path).to_pyarrow_dataset().count_rows() == 3000 * len(set(weeks))
