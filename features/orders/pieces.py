"""Good rows batch by batch, put together to one log."""

from collections import defaultdict

import numpy as np

from features.fixed import Floats
from features.orders.coded import Codes, Mask
from features.orders.contract import named
from features.orders.log import OrderLog
from features.orders.parse import Encoders, Parsed
from features.orders.times import Times


class Pieces:
    """The batches so far, encoded by `encoders`, so that a word has one code in all of them."""

    def __init__(self) -> None:
        self.encoders: Encoders = {}
        self.computed = 0
        self._text: dict[str, list[Codes]] = defaultdict(list)
        self._numbers: dict[str, list[Floats | None]] = defaultdict(list)
        self._times: list[Times] = []
        self._returned: list[Mask] = []

    def add(self, kept: Parsed) -> None:
        """Take in the good rows of the next batch."""
        for name, codes in kept.text.items():
            self._text[name].append(codes)
        for name in named("number"):
            self._numbers[name].append(kept.numbers.get(name))
        self._times.append(kept.ordered_at)
        self._returned.append(kept.returned())
        self.computed += 0 if kept.computed is None else int(kept.computed.sum())

    def log(self) -> OrderLog:
        """All rows as one log. The batches are given up column by column, so that there is never a second copy."""
        text = {name: self.encoders.pop(name).coded(np.concatenate(self._text.pop(name))) for name in [*self._text]}
        numbers = {name: self._joined(self._numbers.pop(name)) for name in [*self._numbers]}
        filled = {name: column for name, column in numbers.items() if column is not None}
        returned = np.concatenate(self._returned)
        times, self._times = np.concatenate(self._times), []
        return OrderLog.filled(text, filled, times, returned)

    def _joined(self, parts: list[Floats | None]) -> Floats | None:
        if all(part is None for part in parts):
            return None
        lengths = map(len, self._times)
        return np.concatenate(
            [np.full(rows, np.nan) if part is None else part for rows, part in zip(lengths, parts, strict=True)]
        )
