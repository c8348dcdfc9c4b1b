"""Good rows batch by batch, put together to one log."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from features.fixed import Floats
from features.orders.coded import Codes, Mask
from features.orders.log import OrderLog
from features.orders.parse import Encoders, Parsed
from features.orders.times import Times

Scalar = TypeVar("Scalar", bound=np.generic)


class Pieces:
    """The batches so far, encoded by `encoders`, so that a word has one code in all of them."""

    def __init__(self) -> None:
        self.encoders: Encoders = {}
        self.computed = 0
        self._text: dict[str, Codes] = {}
        self._numbers: dict[str, Floats] = {}
        self._times: Times = np.empty(0, "datetime64[us]")
        self._returned: Mask = np.empty(0, bool)

    def add(self, kept: Parsed) -> None:
        """Take in the good rows of the next batch."""
        before, rows = len(self._times), len(kept.ordered_at)
        for name, codes in kept.text.items():
            self._text[name] = _extended(self._text.get(name, np.empty(0, np.int32)), codes)
        for name in dict.fromkeys([*self._numbers, *kept.numbers]):
            earlier = self._numbers[name] if name in self._numbers else np.full(before, np.nan)
            more = kept.numbers[name] if name in kept.numbers else np.full(rows, np.nan)
            self._numbers[name] = _extended(earlier, more)
        self._times = _extended(self._times, kept.ordered_at)
        self._returned = _extended(self._returned, kept.returned())
        self.computed += 0 if kept.computed is None else int(kept.computed.sum())

    def log(self) -> OrderLog:
        """All rows as one log; nothing is left here."""
        text = {name: self.encoders.pop(name).coded(self._text.pop(name)) for name in [*self._text]}
        return OrderLog.filled(text, self._numbers, self._times, self._returned)


def _extended(column: npt.NDArray[Scalar], more: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """The column with more rows, in place: its memory grows where it is, so that there is never a second copy."""
    rows = len(column)
    column.resize(rows + len(more), refcheck=False)
    column[rows:] = more
    return column
