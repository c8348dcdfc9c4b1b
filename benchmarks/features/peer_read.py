"""The floor: the same columns read into memory with Arrow, nothing else."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from compared import COLUMNS


def tables(orders: Path, _cutoffs: list[date]) -> Iterator[pa.Table]:
    """The order lines themselves."""
    yield pq.read_table(orders, columns=list(COLUMNS))


def everything(orders: Path, _cutoffs: list[date]) -> Iterator[pa.Table]:
    """All columns."""
    yield pq.read_table(orders)
