"""A digest of orders: what a model or a week of scores was made from."""

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from features.orders.contract import named
from features.orders.log import OrderLog

_ROWS = 1 << 20
"""Lines of a log that are hashed at a time: a frame of all would be larger than the log."""


@dataclass(frozen=True)
class RowSum:
    """Hashes of rows, summed; those of two parts of the orders add up, if both name the same columns."""

    columns: str
    rows: int
    total: int

    @classmethod
    def of(cls, orders: pd.DataFrame) -> Self:
        """Sum of all rows."""
        hashes = pd.util.hash_pandas_object(orders, index=False).to_numpy(dtype=np.uint64)
        return cls(",".join(orders.columns), len(orders), int(hashes.sum(dtype=np.uint64)))

    def __add__(self, other: Self) -> Self:
        """Both parts together: it does not matter where the parts are cut."""
        return type(self)(self.columns, self.rows + other.rows, (self.total + other.total) % 2**64)

    @property
    def digest(self) -> str:
        """16 hex digits that change with any cell, and not with the order of the rows."""
        return hashlib.sha256(f"{self.columns};{self.rows};{self.total}".encode()).hexdigest()[:16]


def digest(orders: pd.DataFrame | OrderLog) -> str:
    """See `RowSum.digest`."""
    return (row_sum(orders) if isinstance(orders, OrderLog) else RowSum.of(orders)).digest


def row_sum(log: OrderLog, has: Collection[str] = ()) -> RowSum:
    """Hashes of the lines of a log, summed.

    Args:
        log: the lines.
        has: optional columns of the whole log, where this is a part of it: one that is not there is missing in every
            line.
    """
    first, *rest = (RowSum.of(frame) for frame in _frames(log, log.has | {*has}))
    return sum(rest, first)


def _frames(log: OrderLog, has: Collection[str]) -> Iterator[pd.DataFrame]:
    for begin in range(0, max(len(log), 1), _ROWS):
        part = log.rows(np.arange(begin, min(begin + _ROWS, len(log))))
        text = {name: part.text_of(name) for name in named("text") if name == "customer_id" or name in has}
        numbers = {name: part.numbers_of(name) for name in named("number") if name in has}
        yield OrderLog(text, numbers, part.ordered_at, part.is_return).frame()
