"""Write files whole or not at all."""

import glob
import os
import shutil
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import StagecastError, UsageError


def write_parquet(table: pd.DataFrame, path: Path, facts: dict[str, str]) -> None:
    """Write a table beside its place and move it there in one step.

    Args:
        table: what to write; the index is left out.
        path: a file, new or old; its folder is made where it is missing.
        facts: kept in the file's schema, under `stagecast.` names.

    Raises:
        UsageError: `path` is a folder.
        StagecastError: it cannot be written there; what stood there still does.
    """
    require_file(path)
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    named = {f"stagecast.{name}": value for name, value in facts.items()}
    arrow = arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **named})
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        _write_durably(arrow, beside)
        beside.replace(path)
    except OSError as error:
        raise StagecastError(
            "the output cannot be written",
            got=f"{path}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        ) from error
    finally:
        with suppress(OSError):
            beside.unlink()


def write_whole(path: Path, content: bytes) -> Path:
    """Write beside a file's place, then move it there in one step; an OSError leaves what stood there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink()
    return path


def require_file(path: Path) -> None:
    """Check that a path may become a file, before hours of work end there.

    Raises:
        UsageError: `path` is a folder.
    """
    if path.is_dir():
        raise UsageError(
            "the output is one Parquet file", got=f"{path}, a folder", remedy="name a file, as in x.parquet"
        )


def _write_durably(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file:
        pq.write_table(table, file)
        file.flush()
        os.fsync(file.fileno())


def sweep(path: Path) -> None:
    """Remove what killed processes left beside a file or folder; what a living one is writing stays."""
    for left_over in path.parent.glob(f".{glob.escape(path.name)}.*"):
        number = left_over.suffix[1:]
        if number.isdigit() and not _alive(int(number)):
            if left_over.is_dir():
                shutil.rmtree(left_over, ignore_errors=True)
            else:
                left_over.unlink(missing_ok=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
