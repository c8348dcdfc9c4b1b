"""Orders in a Delta table, as of its newest version."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from features.config import SourceConfig
from features.errors import DataError
from features.orders.columns import choose
from features.orders.files import parquet_options
from features.orders.scan import Scan, scan_dataset
from features.orders.span import Span

_MAPPED = 2
"""The protocol that brought columns whose names in the files are others; later ones list such features."""


def is_delta(path: str) -> bool:
    """Whether the path is a folder that holds a Delta table."""
    return os.path.isdir(os.path.join(path, "_delta_log"))


def scan_delta(path: str, config: SourceConfig, span: Span) -> Scan:
    """The canonical columns of a Delta table; files and row groups outside the span are not opened.

    Raises `DataError` for a table that is damaged, or has features that deltalake
    cannot read, such as deletion vectors.
    """
    from deltalake import DeltaTable  # noqa: PLC0415  # 130 MB that only its users load

    with _readable(path):
        table = DeltaTable(path)
        first = next(table.to_pyarrow_dataset().get_fragments(), None)
        options = None if first is None else parquet_options(first.metadata, config)
        dataset = table.to_pyarrow_dataset(parquet_read_options=options)
    scan = scan_dataset(dataset, choose(dataset.schema.names, config, path), span)

    def batches() -> Iterator[pa.RecordBatch | pa.Table]:
        with _readable(path):
            yield from scan.batches()

    return Scan(scan.schema, batches)


def plain_files(path: str) -> list[Path] | None:
    """The files of the newest version, in the order in which they are read; None where they alone are not the table.

    Raises what `scan_delta` raises.
    """
    from deltalake import DeltaTable  # noqa: PLC0415

    with _readable(path):
        table = DeltaTable(path)
        asks = table.protocol()
        plain = asks.min_reader_version != _MAPPED and {"timestampNtz"}.issuperset(asks.reader_features or ())
        if not plain or table.metadata().partition_columns:
            return None
        files = [Path(path) / fragment.path for fragment in table.to_pyarrow_dataset().get_fragments()]
    return files if all(file.is_file() for file in files) else None


@contextmanager
def _readable(path: str) -> Iterator[None]:
    """What goes wrong in reading the table, as a `DataError` that names it."""
    from deltalake.exceptions import DeltaError  # noqa: PLC0415

    try:
        yield
    except (DeltaError, pa.ArrowException, OSError) as error:
        raise DataError(
            "the Delta table cannot be read",
            got=f"{path}: {' '.join(str(error).split())[:300]}",
            remedy="check the table; where it has deletion vectors, rewrite it (REORG TABLE ... APPLY (PURGE)) first",
        ) from error
