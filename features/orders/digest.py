"""A digest of orders: what a model or a week of scores was made from."""

import hashlib
from collections.abc import Iterator

import numpy as np
import pandas as pd

from features.orders.log import OrderLog

_ROWS = 1 << 20
"""Lines of a log that are hashed at a time: a frame of all would be larger than the log."""


def digest(orders: pd.DataFrame | OrderLog) -> str:
    """16 hex digits that change with any cell, and not with the order of the rows."""
    columns, total = "", 0
    for part in _parts(orders):
        columns = ",".join(part.columns)
        rows = pd.util.hash_pandas_object(part, index=False).to_numpy(dtype=np.uint64)
        total = (total + int(rows.sum(dtype=np.uint64))) % 2**64  # so it does not matter where the parts are cut
    return hashlib.sha256(f"{columns};{len(orders)};{total}".encode()).hexdigest()[:16]


def _parts(orders: pd.DataFrame | OrderLog) -> Iterator[pd.DataFrame]:
    if isinstance(orders, pd.DataFrame):
        yield orders
        return
    for begin in range(0, max(len(orders), 1), _ROWS):
        yield orders.rows(np.arange(begin, min(begin + _ROWS, len(orders)))).frame()
