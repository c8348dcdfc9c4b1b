"""Where orders come from: files, folders, globs, Delta tables, databases and tables in memory.

Only the canonical columns are read. Nothing is judged here: values arrive as the
source holds them, so that neither an id nor a decimal loses a digit on the way.
"""

import os
from collections.abc import Iterator
from typing import Protocol, TypeAlias, runtime_checkable

import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds

from features.config import SourceConfig
from features.errors import UsageError
from features.orders.arrow import to_arrow
from features.orders.columns import check_mapping, choose
from features.orders.delta import is_delta, scan_delta
from features.orders.files import find_files, scan_files
from features.orders.lazy import LazyFrame, scan_lazy
from features.orders.scan import Scan, canonical, scan_dataset
from features.orders.span import EVER, Span
from features.orders.sql import is_database, refuse_query, scan_database


@runtime_checkable
class ArrowStream(Protocol):
    """Any table that exports itself through the Arrow C stream interface (pyarrow, polars, duckdb ...)."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand out the table as a stream of Arrow batches."""
        ...


Source: TypeAlias = str | os.PathLike[str] | pd.DataFrame | ArrowStream | ds.Dataset | LazyFrame


def scan_orders(source: Source, config: SourceConfig, span: Span = EVER) -> Scan:
    """The canonical columns of `source` under their canonical names, values untouched, to be read batch by batch.

    `source` is a path to a Parquet or CSV (also `.csv.gz`) file, a folder of
    Parquet files, a glob of either, a folder that is a Delta table, the address
    of a PostgreSQL database (`postgresql://...`), a pandas DataFrame, a Polars
    LazyFrame, an Arrow dataset, or anything else that hands out Arrow batches.
    The caller's table is never changed. CSV cells are all read as text.

    Only the columns needed are read, and only the rows within `span`, as far as
    the source can tell without reading all of them: see `Span`.

    Raises `UsageError` for a source or a column mapping that cannot be right, and
    `DataError` for a source that cannot be read or lacks a required column.
    """
    check_mapping(config)
    if isinstance(source, str) and is_database(source):
        return scan_database(source, config, span)
    refuse_query(config)
    if isinstance(source, str | os.PathLike):
        return _scan_path(os.fspath(source), config, span)
    if isinstance(source, pd.DataFrame):
        return _scan_frame(source, config)
    if isinstance(source, ds.Dataset):
        return scan_dataset(source, choose(source.schema.names, config, "the dataset"), span)
    if isinstance(source, ArrowStream):
        return _scan_stream(source, config)
    if isinstance(source, LazyFrame):
        return scan_lazy(source, config, span)
    raise UsageError(
        "orders cannot be read from this kind of object",
        got=type(source).__name__,
        allowed="a path, the address of a database, a pandas or Polars frame, an Arrow table, dataset or stream",
        remedy="turn it into one of these",
    )


def read_table(source: Source, config: SourceConfig, span: Span = EVER) -> pa.Table:
    """All rows of `scan_orders` as one Arrow table. Raises what it raises."""
    return scan_orders(source, config, span).table()


def read_batches(source: Source, config: SourceConfig, span: Span = EVER, lines: int = 1_000_000) -> Iterator[pa.Table]:
    """The rows of `scan_orders` in tables of `lines` rows, in the same order. Raises what it raises."""
    return scan_orders(source, config, span).batched(lines)


def read_orders(source: Source, config: SourceConfig, span: Span = EVER) -> pd.DataFrame:
    """All rows of `scan_orders` as a pandas frame, Arrow-backed where the source is no frame. Raises what it raises."""
    if isinstance(source, pd.DataFrame):
        check_mapping(config)
        refuse_query(config)
        return _chosen(source, config)
    return _to_pandas(read_table(source, config, span))


def _scan_path(path: str, config: SourceConfig, span: Span) -> Scan:
    return scan_delta(path, config, span) if is_delta(path) else scan_files(find_files(path), config, span)


def _scan_frame(frame: pd.DataFrame, config: SourceConfig) -> Scan:
    chosen = _chosen(frame, config)
    table = pa.table({str(name): to_arrow(chosen[name]) for name in chosen})
    return Scan(table.schema, lambda: iter([table]))


def _chosen(frame: pd.DataFrame, config: SourceConfig) -> pd.DataFrame:
    labels = {str(label): label for label in frame.columns}
    chosen = choose([str(label) for label in frame.columns], config, "the table")
    return frame[[labels[name] for name in chosen]].set_axis(list(chosen.values()), axis=1).reset_index(drop=True)


def _scan_stream(source: ArrowStream, config: SourceConfig) -> Scan:
    """A stream is opened to see its columns, and that stream is the one that is read first."""
    stream = pa.RecordBatchReader.from_stream(source)
    chosen = choose(stream.schema.names, config, "the table")
    opened = [stream]

    def batches() -> Iterator[pa.RecordBatch]:
        with opened.pop() if opened else pa.RecordBatchReader.from_stream(source) as reader:
            for batch in reader:
                yield batch.select(list(chosen)).rename_columns(list(chosen.values()))

    return Scan(canonical(stream.schema, chosen), batches, once=isinstance(source, pa.RecordBatchReader))


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    return table.to_pandas(types_mapper=pd.ArrowDtype, ignore_metadata=True)  # type: ignore[no-any-return, unused-ignore]
