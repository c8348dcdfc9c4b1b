"""Which files hold the orders, and how each kind of file is read."""

import csv
import glob
import gzip
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from features.config import OrdersConfig
from features.errors import DataError, StagecastError, UsageError
from features.orders.columns import choose
from features.orders.contract import NAMES


def find_files(path: str) -> list[Path]:
    """The files of a path, a folder of Parquet files, or a glob; sorted by name.

    Raises `UsageError` where there is nothing, or a Delta table; `DataError` for a
    folder without Parquet files.
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
    if (folder / "_delta_log").exists():
        raise UsageError(
            "this folder is a Delta table: read as plain Parquet it would show deleted rows too",
            got=folder,
            remedy="open it with the deltalake package and pass its Arrow table instead",
        )
    inside = (path.relative_to(folder) for path in folder.rglob("*.parquet"))
    files = sorted(folder / path for path in inside if not any(part.startswith((".", "_")) for part in path.parts))
    if not files:
        raise DataError(
            "the folder holds no Parquet file",
            got=folder,
            remedy="name another folder; CSV files are given as a glob such as 'orders/*.csv'",
        )
    return files


def read_files(files: Sequence[Path], config: OrdersConfig) -> pa.Table:
    """The canonical columns of all files, one after the other; an optional one may be absent from some.

    Raises `DataError` for a file that cannot be read or lacks a required column, and
    for files that disagree on a type; `UsageError` for an unknown ending.
    """
    tables = [_from_file(file, config) for file in files]
    try:
        return pa.concat_tables(tables, promote_options="permissive").select(
            [name for name in NAMES if any(name in table.column_names for table in tables)]
        )
    except pa.ArrowException as error:
        raise DataError(
            f"the {len(files)} files do not agree on the type of a column",
            got=error,
            remedy="write all files with the same types, ids as text",
        ) from error


def _from_file(path: Path, config: OrdersConfig) -> pa.Table:
    reader = _reader(path)
    try:
        if path.stat().st_size == 0:
            raise DataError("the file is empty (0 bytes)", got=path, remedy="export the orders again")
        return reader(path, config)
    except StagecastError:
        raise
    except (pa.ArrowException, OSError, EOFError, UnicodeError, csv.Error) as error:
        raise DataError(
            f"the file cannot be read: {path}",
            got=" ".join(str(error).split())[:300],
            allowed="Parquet, or CSV in UTF-8 with one header line and as many cells in each row",
            remedy="export the orders again, as Parquet if possible",
        ) from error


def _reader(path: Path) -> Callable[[Path, OrdersConfig], pa.Table]:
    for ending, reader in {".parquet": _parquet, ".csv": _csv, ".csv.gz": _csv}.items():
        if path.name.lower().endswith(ending):
            return reader
    raise UsageError("the ending of the file is not known", got=path, allowed=".parquet, .csv, .csv.gz")


def _parquet(path: Path, config: OrdersConfig) -> pa.Table:
    schema = pq.read_schema(path)
    chosen = choose(schema.names, config, str(path))
    texts = [name for name in chosen if schema.field(name).type in (pa.string(), pa.large_string())]
    # Text is read as a dictionary: a repeated id is decoded once. INT96 stamps as us, for ns would wrap round.
    with pq.ParquetFile(path, read_dictionary=texts, coerce_int96_timestamp_unit="us") as file:
        table = file.read(columns=list(chosen)).select(list(chosen))
    return table.rename_columns(list(chosen.values()))


def _csv(path: Path, config: OrdersConfig) -> pa.Table:
    header, delimiter = _header(path)
    chosen = choose(header, config, str(path))
    table = pacsv.read_csv(
        path,
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            include_columns=list(chosen),
            column_types=dict.fromkeys(chosen, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    return table.rename_columns(list(chosen.values()))


def _header(path: Path) -> tuple[list[str], str]:
    opened: Callable[..., IO[Any]] = gzip.open if path.suffix.lower() == ".gz" else open
    with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
        line = file.readline()
    delimiter = max(",;\t|", key=line.count)
    return next(csv.reader([line], delimiter=delimiter), []), delimiter
