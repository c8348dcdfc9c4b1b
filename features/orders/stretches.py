"""A source cut into stretches that several processes can read, each by itself."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.config import SourceConfig
from features.errors import DataError
from features.orders.columns import check_mapping
from features.orders.delta import is_delta, plain_files, scan_delta
from features.orders.files import FilePart, find_files, readable, scan_files, scan_parts
from features.orders.scan import Scan
from features.orders.span import Span
from features.orders.sql import is_database, refuse_query

_BYTES = 64
"""Of a line in a file of text, roughly; compressed, a quarter of it."""

Stamp = tuple[int, int]
"""Bytes of a file, and when it was changed."""


@dataclass(frozen=True)
class Stretch:
    """Rows of a source that follow one another: files, or row groups of one; and what the files looked like."""

    parts: tuple[FilePart, ...]
    stamps: tuple[Stamp, ...]


@dataclass(frozen=True)
class Cut:
    """A source in stretches.

    Attributes:
        schema: of the whole source, in canonical names.
        config: how to read it.
        span: the days asked for.
        stretches: in the order of the rows.
    """

    schema: pa.Schema
    config: SourceConfig
    span: Span
    stretches: tuple[Stretch, ...]

    def scan(self, stretch: Stretch) -> Scan:
        """The rows of a stretch, with the columns of the whole source.

        Raises:
            DataError: a file cannot be read, or is another one by now.
        """
        for part, stamp in zip(stretch.parts, stretch.stamps, strict=True):
            with readable(part.path):
                if _stamp(part.path) != stamp:
                    raise DataError(
                        "a file changed while the orders were read",
                        got=part.path,
                        remedy="run the same command again when nobody writes there",
                    )
        return replace(scan_parts(stretch.parts, self.config, self.span), schema=self.schema)


def cut(source: object, config: SourceConfig, span: Span, lines: int) -> Cut | None:
    """A source in stretches of about so many lines; None for one that is not made of files, or is but one stretch.

    Raises what `scan_orders` raises of files.
    """
    check_mapping(config)
    if not isinstance(source, str | os.PathLike) or is_database(os.fspath(source)):
        return None
    refuse_query(config)
    path = os.fspath(source)
    found = plain_files(path) if is_delta(path) else find_files(path)
    if not found:
        return None
    files = [file.resolve() for file in found]
    schema = (scan_delta(path, config, span) if is_delta(path) else scan_files(files, config, span)).schema
    stretches = tuple(_stretch(parts) for parts in _dealt(files, lines))
    return Cut(schema, config, span, stretches) if len(stretches) > 1 else None


def _dealt(files: Sequence[Path], lines: int) -> Iterator[list[FilePart]]:
    """Parts of files, put together until they hold so many lines."""
    held, count = list[FilePart](), 0.0
    for part, more in (found for file in files for found in _parts(file, lines)):
        held, count = [*held, part], count + more
        if count >= lines:
            yield held
            held, count = [], 0.0
    if held:
        yield held


def _parts(file: Path, lines: int) -> Iterator[tuple[FilePart, float]]:
    """A file in parts that can be read alone, and how many lines each has."""
    if not file.name.lower().endswith(".parquet"):
        yield FilePart(file), file.stat().st_size / (_BYTES / 4 if file.name.lower().endswith(".gz") else _BYTES)
        return
    with readable(file):
        written = pq.read_metadata(file)
    first, count = 0, 0
    for group in range(written.num_row_groups):
        count += written.row_group(group).num_rows
        if count >= lines or group == written.num_row_groups - 1:
            yield FilePart(file, (first, group + 1)), count
            first, count = group + 1, 0


def _stretch(parts: Sequence[FilePart]) -> Stretch:
    return Stretch(tuple(parts), tuple(_stamp(part.path) for part in parts))


def _stamp(path: Path) -> Stamp:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
