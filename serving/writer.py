"""Write a week of scores whole or not at all."""

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from features.errors import BusyError, StagecastError, UsageError
from serving.contract import SCHEMA

FILE = "scores.parquet"


def publish(scores: pd.DataFrame, out: Path) -> tuple[Path, bool]:
    """Write scores of one cut-off to `out/as_of=DATE/scores.parquet`.

    The week is written beside its place, made durable, read back and moved
    there in one step, so a reader sees the old week or the new one. The same
    scores again change nothing: what stands there is kept.

    Returns:
        The file, and whether it is new.

    Raises:
        UsageError: `out` is a file.
        BusyError: another scorer is writing the same week there.
        StagecastError: the folder cannot be written; what stood there still does.
    """
    if out.exists() and not out.is_dir():
        raise UsageError("scores go into a folder", got=str(out), remedy="give --out a folder, new or old")
    table = pa.Table.from_pandas(scores, schema=SCHEMA, preserve_index=False)
    week = out / f"as_of={scores['as_of'].iloc[0]}"
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = out / f".{week.name}.lock"
        lock.touch()  # fails at once where FileLock would try again and again
        with FileLock(lock, timeout=0):
            return _publish(table, week)
    except Timeout:
        raise BusyError("another scorer is writing there", got=str(week), remedy="try again when it is done") from None
    except OSError as error:
        raise StagecastError(
            "the scores cannot be written",
            got=f"{error.filename or week}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out; nothing was published",
        ) from error


def _publish(table: pa.Table, week: Path) -> tuple[Path, bool]:
    week.mkdir(exist_ok=True)
    for left_over in week.glob(f".{FILE}.*"):
        left_over.unlink()
    path = week / FILE
    if path.exists() and _same(table, path):
        return path, False
    beside = week / f".{FILE}.{os.getpid()}"
    try:
        _write_durably(table, beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    for folder in (week, week.parent):
        _sync(folder)
    return path, True


def _write_durably(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        pq.write_table(table, file)
        file.flush()
        os.fsync(file.fileno())
    if not pq.read_table(path, partitioning=None).equals(table):
        raise OSError(f"what was written to {path} is not what is read back")


def _same(table: pa.Table, path: Path) -> bool:
    """Whether the file holds the same rows, whenever they were made."""
    try:
        old = pq.read_table(path, partitioning=None)
    except (pa.ArrowException, OSError):
        return False
    return bool(
        old.schema.equals(table.schema) and old.drop_columns("scored_at").equals(table.drop_columns("scored_at"))
    )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
