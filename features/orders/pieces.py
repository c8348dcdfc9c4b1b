"""Good rows batch by batch, put together to one log."""

from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from features.orders.log import OrderLog
from features.orders.parse import Encoders, Parsed

Scalar = TypeVar("Scalar", bound=np.generic)

ROOM = 1 << 23
"""Rows that a column of several batches has room for from the second on: memory that nobody touches costs nothing."""


class Growing(Generic[Scalar]):
    """A column of which the rows come batch by batch; it grows where it is, so that there is never a second copy."""

    def __init__(self, kind: npt.DTypeLike) -> None:
        self._values: npt.NDArray[Scalar] = np.empty(0, kind)
        self._rows = 0

    def add(self, more: npt.NDArray[Scalar]) -> None:
        """Take in the next rows."""
        end = self._rows + len(more)
        if end > len(self._values):
            self._grow(end)
        self._values[self._rows : end] = more
        self._rows = end

    def _grow(self, rows: int) -> None:
        known = self._values
        if len(known) >= ROOM:
            known.resize(rows, refcheck=False)
            return
        self._values = np.empty(max(rows, ROOM) if len(known) else rows, known.dtype)
        self._values[: len(known)] = known

    def whole(self) -> npt.NDArray[Scalar]:
        """All rows; the last thing to be asked for."""
        self._values.resize(self._rows, refcheck=False)
        return self._values


class Pieces:
    """The batches so far, encoded by `encoders`, so that a word has one code in all of them."""

    def __init__(self) -> None:
        self.encoders: Encoders = {}
        self.computed = 0
        self._rows = 0
        self._text: dict[str, Growing[np.int32]] = {}
        self._numbers: dict[str, Growing[np.float64]] = {}
        self._times: Growing[np.datetime64] = Growing("datetime64[us]")
        self._returned: Growing[np.bool_] = Growing(bool)

    def add(self, kept: Parsed) -> None:
        """Take in the good rows of the next batch."""
        for name, codes in kept.text.items():
            self._text.setdefault(name, Growing(np.int32)).add(codes)
        for name in [name for name in kept.numbers if name not in self._numbers]:
            self._numbers[name] = Growing(np.float64)
            self._numbers[name].add(np.full(self._rows, np.nan))
        rows = len(kept.ordered_at)
        for name, column in self._numbers.items():
            column.add(kept.numbers[name] if name in kept.numbers else np.full(rows, np.nan))
        self._times.add(kept.ordered_at)
        self._returned.add(kept.returned())
        self._rows += rows
        self.computed += 0 if kept.computed is None else int(kept.computed.sum())

    def log(self) -> OrderLog:
        """All rows as one log; nothing is left here."""
        text = {name: self.encoders.pop(name).coded(self._text.pop(name).whole()) for name in [*self._text]}
        numbers = {name: column.whole() for name, column in self._numbers.items()}
        return OrderLog.filled(text, numbers, self._times.whole(), self._returned.whole())
