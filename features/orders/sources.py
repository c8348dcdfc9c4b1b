"""Where orders come from: files, folders, globs and tables, read into one raw frame.

Only the canonical columns are read. Nothing is judged here: values arrive as the
source holds them, Arrow-backed where the source is a file or an Arrow table, so
that neither an id nor a decimal loses a digit on the way.
"""

import csv
import difflib
import glob
import gzip
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from features.config import OrdersConfig
from features.errors import DataError, StagecastError, UsageError
from features.orders.contract import NAMES, REQUIRED


@runtime_checkable
class ArrowStream(Protocol):
    """Any table that exports itself through the Arrow C stream interface (pyarrow, polars, duckdb ...)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand out the table as a stream of Arrow batches."""
        ...


Source = str | os.PathLike[str] | pd.DataFrame | ArrowStream


def read_orders(source: Source, config: OrdersConfig) -> pd.DataFrame:
    """Read the canonical columns of `source` under their canonical names, values untouched.

    `source` is a path to a Parquet or CSV (also `.csv.gz`) file, a folder of
    Parquet files, a glob of either, a pandas DataFrame, or any Arrow table. The
    caller's table is never changed. CSV cells are all read as text.

    Raises `UsageError` for a source or a column mapping that cannot be right, and
    `DataError` for files that cannot be read or lack a required column.
    """
    _check_mapping(config.columns)
    if isinstance(source, pd.DataFrame):
        return _from_frame(source, config)
    if isinstance(source, str | os.PathLike):
        return _to_pandas(_from_files(_files(os.fspath(source)), config))
    if isinstance(source, ArrowStream):
        return _to_pandas(_from_arrow(source, config))
    raise UsageError(
        "orders cannot be read from this kind of object",
        got=type(source).__name__,
        allowed="a path, a pandas DataFrame, or an Arrow table",
        remedy="collect a lazy query first, or turn it into a DataFrame",
    )


def _from_frame(frame: pd.DataFrame, config: OrdersConfig) -> pd.DataFrame:
    labels = {str(label): label for label in frame.columns}
    chosen = _choose([str(label) for label in frame.columns], config, "the table")
    return frame[[labels[name] for name in chosen]].set_axis(list(chosen.values()), axis=1).reset_index(drop=True)


def _from_arrow(source: ArrowStream, config: OrdersConfig) -> pa.Table:
    table = pa.table(source)
    chosen = _choose(table.column_names, config, "the table")
    return table.select(list(chosen)).rename_columns(list(chosen.values()))


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}  # pandas knows no views
    table = table.cast(pa.schema([field.with_type(views.get(field.type, field.type)) for field in table.schema]))
    return table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)  # type: ignore[no-any-return, unused-ignore]


# -- which columns ---------------------------------------------------------------------------------


def _check_mapping(columns: dict[str, str]) -> None:
    strangers = [name for name in columns if name not in NAMES]
    if strangers:
        raise UsageError(
            "[orders.columns] maps a name that is not an order column",
            got=", ".join(map(repr, strangers)),
            allowed=", ".join(NAMES),
            remedy='write canonical_name = "name in the file", for example customer_id = "CustomerID"',
        )


def _choose(found: Sequence[str], config: OrdersConfig, where: str) -> dict[str, str]:
    """The columns to read, as {name in the source: canonical name}."""
    wanted = {name: config.columns.get(name, name) for name in NAMES}
    for name, there in wanted.items():
        if there not in found and (name in config.columns or name in REQUIRED):
            raise _missing(name, there, found, where)
    chosen = {name: there for name, there in wanted.items() if there in found}
    _check_once(list(chosen.values()), found, where)
    return {there: name for name, there in chosen.items()}


def _missing(name: str, there: str, found: Sequence[str], where: str) -> DataError:
    close = _closest(there, found) or (_closest(name, found) if there != name else None)
    return DataError(
        f"{where} has no column {there!r}, which [orders.columns] maps to {name}"
        if there != name
        else f"{where} has no column {name!r}, which is required",
        got=f"columns {', '.join(map(repr, found)) or '(none)'}",
        remedy=f'name the column in the configuration: [orders.columns] {name} = "{close or "..."}"'
        + (" (the closest name found)" if close else ""),
    )


def _closest(name: str, found: Sequence[str]) -> str | None:
    plain = {re.sub(r"[\W_]+", "", column).lower(): column for column in found}
    close = difflib.get_close_matches(re.sub(r"[\W_]+", "", name).lower(), list(plain), n=1, cutoff=0.5)
    return plain[close[0]] if close else None


def _check_once(used: Sequence[str], found: Sequence[str], where: str) -> None:
    if twice := [name for name in used if list(found).count(name) > 1]:
        raise DataError(
            f"{where} has several columns of one name, so it is not clear which is meant",
            got=", ".join(map(repr, twice)),
            remedy="give each column a name of its own",
        )
    if shared := sorted({name for name in used if used.count(name) > 1}):
        raise UsageError(
            "one column of the orders stands for two canonical columns",
            got=", ".join(map(repr, shared)),
            remedy="map each canonical column in [orders.columns] to a column of its own",
        )


# -- which files -----------------------------------------------------------------------------------


def _files(path: str) -> list[Path]:
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


def _from_files(files: Sequence[Path], config: OrdersConfig) -> pa.Table:
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
    chosen = _choose(schema.names, config, str(path))
    texts = [name for name in chosen if schema.field(name).type in (pa.string(), pa.large_string())]
    # Text is read as a dictionary: a repeated id is decoded once. INT96 stamps as us, for ns would wrap round.
    with pq.ParquetFile(path, read_dictionary=texts, coerce_int96_timestamp_unit="us") as file:
        table = file.read(columns=list(chosen)).select(list(chosen))
    return table.rename_columns(list(chosen.values()))


def _csv(path: Path, config: OrdersConfig) -> pa.Table:
    header, delimiter = _header(path)
    chosen = _choose(header, config, str(path))
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
