"""Which files hold the orders, and how each kind of file is read."""

import csv
import glob
import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from features.config import SourceConfig
from features.errors import DataError, StagecastError, UsageError
from features.orders.columns import choose
from features.orders.contract import named
from features.orders.scan import Groups, Scan, scan_dataset, unified
from features.orders.span import Span


def find_files(path: str) -> list[Path]:
    """The files of a path, a folder of Parquet files, or a glob; sorted by name.

    Raises `UsageError` where there is nothing; `DataError` for a folder without
    Parquet files.
    """
    if os.path.isdir(path):
        return _folder(Path(path))
    if os.path.exists(path):
        return [Path(path)]
    matches = sorted(Path(match) for match in glob.glob(path, recursive=True) if os.path.isfile(match))
    if not matches:
        raise UsageError("there are no orders here", got=path, remedy="check the path, or the pattern of the glob")
    return matches


def _folder(folder: Path) -> list[Path]:
    inside = (path.relative_to(folder) for path in folder.rglob("*.parquet"))
    files = sorted(folder / path for path in inside if not any(part.startswith((".", "_")) for part in path.parts))
    if not files:
        raise DataError(
            "the folder holds no Parquet file",
            got=folder,
            remedy="name another folder; CSV files are given as a glob such as 'orders/*.csv'",
        )
    return files


@dataclass(frozen=True)
class FilePart:
    """A file, or some row groups of a Parquet file."""

    path: Path
    groups: Groups | None = None


def scan_files(files: Sequence[Path], config: SourceConfig, span: Span) -> Scan:
    """The canonical columns of all files, one after the other; an optional one may be absent from some.

    Raises `DataError` for a file that cannot be read or lacks a required column, and
    for files that disagree on a type; `UsageError` for an unknown ending.
    """
    return scan_parts([FilePart(file) for file in files], config, span)


def scan_parts(files: Sequence[FilePart], config: SourceConfig, span: Span) -> Scan:
    """The same of parts of files. Raises what `scan_files` raises."""
    parts = [_scan(file, config, span) for file in files]

    def batches() -> Iterator[pa.RecordBatch]:
        for file, part in zip(files, parts, strict=True):
            with readable(file.path):
                yield from part.batches()

    return Scan(unified([part.schema for part in parts]), batches)


def _scan(part: FilePart, config: SourceConfig, span: Span) -> Scan:
    scan, path = _reader(part.path), part.path
    with readable(path):
        if path.stat().st_size == 0:
            raise DataError("the file is empty (0 bytes)", got=path, remedy="export the orders again")
        return scan(part, config, span)


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """What goes wrong in reading a file, as a `DataError` that names it."""
    try:
        yield
    except StagecastError:
        raise
    except (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeError, csv.Error) as error:
        raise DataError(
            f"the file cannot be read: {path}",
            got=" ".join(str(error).split())[:300],
            allowed="Parquet, or CSV in UTF-8 with one header line and as many cells in each row",
            remedy="export the orders again, as Parquet if possible",
        ) from error


def _reader(path: Path) -> Callable[[FilePart, SourceConfig, Span], Scan]:
    for ending, reader in {".parquet": _parquet, ".csv": _csv, ".csv.gz": _csv}.items():
        if path.name.lower().endswith(ending):
            return reader
    raise UsageError("the ending of the file is not known", got=path, allowed=".parquet, .csv, .csv.gz")


def parquet_options(written: pq.FileMetaData, config: SourceConfig) -> ds.ParquetReadOptions:
    """Text written as a dictionary is read as one: an id is decoded once. INT96 as us, for ns would wrap round."""
    first = written.row_group(0) if written.num_row_groups else None
    parts = [first.column(at) for at in range(first.num_columns)] if first else []
    coded = {part.path_in_schema for part in parts if part.has_dictionary_page and part.physical_type == "BYTE_ARRAY"}
    texts = [config.columns.get(name, name) for name in named("text")]
    return ds.ParquetReadOptions(dictionary_columns=coded.intersection(texts), coerce_int96_timestamp_unit="us")


def _parquet(part: FilePart, config: SourceConfig, span: Span) -> Scan:
    options = parquet_options(pq.read_metadata(part.path), config)
    dataset = ds.dataset(part.path, format=ds.ParquetFileFormat(read_options=options))
    return scan_dataset(dataset, choose(dataset.schema.names, config, str(part.path)), span, part.groups)


def _csv(part: FilePart, config: SourceConfig, _: Span) -> Scan:
    path = part.path
    header, delimiter = _header(path)
    chosen = choose(header, config, str(path))

    def batches() -> Iterator[pa.RecordBatch]:
        with pacsv.open_csv(
            path,
            parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=pacsv.ConvertOptions(
                include_columns=list(chosen),
                column_types=dict.fromkeys(chosen, pa.string()),
                strings_can_be_null=True,
                null_values=[""],
            ),
        ) as reader:
            for batch in reader:
                yield batch.rename_columns(list(chosen.values()))

    return Scan(pa.schema([(name, pa.string()) for name in chosen.values()]), batches)


def _header(path: Path) -> tuple[list[str], str]:
    opened: Callable[..., IO[Any]] = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        line = file.readline()
    delimiter = max(",;\t|", key=line.count)
    return next(csv.reader([line], delimiter=delimiter), []), delimiter
