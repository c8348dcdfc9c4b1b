"""Where orders come from: files, folders, globs and tables, read into one raw frame.

Only the canonical columns are read. Nothing is judged here: values arrive as the
source holds them, Arrow-backed where the source is a file or an Arrow table, so
that neither an id nor a decimal loses a digit on the way.
"""

import os
from typing import Protocol, runtime_checkable

import pandas as pd
import pyarrow as pa

from features.config import OrdersConfig
from features.errors import UsageError
from features.orders.columns import check_mapping, choose
from features.orders.files import find_files, read_files


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
    check_mapping(config.columns)
    if isinstance(source, pd.DataFrame):
        return _from_frame(source, config)
    if isinstance(source, str | os.PathLike):
        return _to_pandas(read_files(find_files(os.fspath(source)), config))
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
    chosen = choose([str(label) for label in frame.columns], config, "the table")
    return frame[[labels[name] for name in chosen]].set_axis(list(chosen.values()), axis=1).reset_index(drop=True)


def _from_arrow(source: ArrowStream, config: OrdersConfig) -> pa.Table:
    table = pa.table(source)
    chosen = choose(table.column_names, config, "the table")
    return table.select(list(chosen)).rename_columns(list(chosen.values()))


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    views = {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}  # pandas knows no views
    table = table.cast(pa.schema([field.with_type(views.get(field.type, field.type)) for field in table.schema]))
    return table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)  # type: ignore[no-any-return, unused-ignore]
