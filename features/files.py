"""Write files whole or not at all."""

import glob
import hashlib
import os
import shutil
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import StagecastError, UsageError

STALE_DAYS = 1
"""What a process of another machine, or of another container, left untouched for so long is swept away."""

_held = set[str]()
"""Names of what this process is writing."""


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
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    with growing_parquet(path, arrow.schema, facts) as append:
        append(arrow)


@contextmanager
def growing_parquet(path: Path, schema: pa.Schema, facts: dict[str, str]) -> Iterator[Callable[[pa.Table], None]]:
    """A function that appends a table of this schema to the file; at the end the file moves to its place in one step.

    Arguments and errors are those of `write_parquet`. After an error of
    whatever kind, what stood there still does.
    """
    named = {f"stagecast.{name}": value for name, value in facts.items()}
    whole = schema.with_metadata({**(schema.metadata or {}), **named})
    with growing_file(path) as file, pq.ParquetWriter(file, whole) as writer:
        yield lambda table: writer.write_table(table.cast(writer.schema))


@contextmanager
def growing_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to; at the end it is durable and moves to its place in one step.

    Errors are those of `write_parquet`. After an error of whatever kind, what
    stood there still does.
    """
    require_file(path)
    with _swept(path) as place, place.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
        place.replace(path)


@contextmanager
def handed_over(path: Path, durable: bool = False) -> Iterator[IO[bytes]]:
    """A file to write to for others to read; at the end it is in its place, whole.

    A worker that was given up may still be writing the same, on whatever
    machine: the last one wins. `durable` if it is needed after the machine has gone down.
    """
    with hidden(path) as place:
        with place.open("wb") as file:
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        place.replace(path)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """A folder beside a path, gone afterwards; whoever writes there next sweeps it if this process is killed.

    Raises:
        StagecastError: it cannot be made or filled there.
    """
    with _swept(path) as folder:
        folder.mkdir()
        yield folder


def write_whole(path: Path, content: bytes) -> Path:
    """Write beside a file's place, then move it there in one step; an OSError leaves what stood there."""
    with hidden(path) as place:
        place.write_bytes(content)
        place.replace(path)
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


@contextmanager
def hidden(path: Path) -> Iterator[Path]:
    """A name beside a path under which to make a file or folder; what is still there at the end is removed.

    Nobody else has it, on whatever machine: a folder may be shared by many,
    and the first process of each container has the same number.
    """
    place = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}-{_machine()}.{os.getpid()}")
    _held.add(place.name)
    try:
        yield place
    finally:
        _remove(place)
        _held.discard(place.name)


def sweep(path: Path) -> None:
    """Remove what killed processes left beside a file or folder; what a living one is writing stays."""
    for left_over in path.parent.glob(f".{glob.escape(path.name)}.*"):
        if _abandoned(left_over):
            _remove(left_over)


@contextmanager
def _swept(path: Path) -> Iterator[Path]:
    """A hidden name beside a path whose folder is there, and free of what killed processes left."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        sweep(path)
        with hidden(path) as place:
            yield place
    except OSError as error:
        raise StagecastError(
            "the output cannot be written",
            got=f"{path}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        ) from error


def _abandoned(place: Path) -> bool:
    """Whether nobody writes there any more; of processes elsewhere, only time can tell."""
    maker, _, process = place.name.rpartition(".")
    if not process.isdigit() or place.name in _held:
        return False
    if maker.endswith(f"-{_machine()}"):
        return int(process) == os.getpid() or not _alive(int(process))
    with suppress(OSError):
        return time.time() - place.stat().st_mtime > STALE_DAYS * 86_400
    return False


@cache
def _machine() -> str:
    """Stands for all processes among which a process number means one: those of a machine, or of a container."""
    name = socket.gethostname()
    with suppress(OSError):
        name += os.readlink("/proc/self/ns/pid")
    return hashlib.sha256(name.encode()).hexdigest()[:8]


def _remove(place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place, ignore_errors=True)
    else:
        with suppress(OSError):
            place.unlink()


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
