"""Runs: batches of order lines, each sorted by customer, so that a range of customers is a slice of lines."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from features.history.dealing import deal
from features.orders.coded import Coded, Codes
from features.orders.log import OrderLog
from features.orders.ranking import ranked

SAMPLED = 1024
"""Customers a run is asked for when boundaries are drawn: none is then off by more than a thousandth of the lines."""


@dataclass(frozen=True)
class Run:
    """Order lines sorted by customer id (by code points), in the order of the input within a customer.

    In each text column the words stand in the order in which lines first use
    them, so that a slice of the lines needs little more than a slice of the words.
    """

    log: OrderLog

    @classmethod
    def of(cls, log: OrderLog) -> "Run":
        """The lines of a log, sorted."""
        customers = log.text["customer_id"]
        _, place = ranked(customers.words)
        order, _ = deal(place[customers.codes], len(customers.words), np.arange(len(log), dtype=np.int32))
        text = {name: _in_order_of_use(column.codes[order], column.words) for name, column in log.text.items()}
        numbers = {name: column[order] for name, column in log.numbers.items()}
        return cls(OrderLog(text, numbers, log.ordered_at[order], log.is_return[order]))

    def sample(self) -> list[str]:
        """Customers of evenly spaced lines."""
        customers = self.log.text["customer_id"]
        lines = np.linspace(0, len(self.log) - 1, min(SAMPLED, len(self.log))).astype(np.int64)
        return customers.words.take(pa.array(customers.codes[lines])).to_pylist()  # type: ignore[no-any-return]

    def between(self, first: str | None, last: str | None) -> OrderLog:
        """The lines of the customers from `first` on and before `last`; None is no bound. Nothing is copied."""
        start, stop = self._line(first, 0), self._line(last, len(self.log))
        text = {name: _slice(column, start, stop) for name, column in self.log.text.items()}
        numbers = {name: column[start:stop] for name, column in self.log.numbers.items()}
        return OrderLog(text, numbers, self.log.ordered_at[start:stop], self.log.is_return[start:stop])

    def _line(self, customer: str | None, unbounded: int) -> int:
        """First line whose customer is not before this one."""
        if customer is None:
            return unbounded
        ids = self.log.text["customer_id"]
        code = bisect_left(range(len(ids.words)), customer, key=lambda at: ids.words[at].as_py())
        return int(np.searchsorted(ids.codes, np.int32(code)))  # of their own type, or all of them would be copied


def _in_order_of_use(codes: Codes, words: pa.LargeStringArray) -> Coded:
    used = pa.array(codes, mask=codes < 0).dictionary_encode()
    return Coded(_filled(used.indices), words.take(used.dictionary))


def _slice(column: Coded, start: int, stop: int) -> Coded:
    codes = column.codes[start:stop]
    present = codes[codes >= 0]
    if not len(present):
        return Coded(codes, column.words.slice(0, 0))
    least = present.min()
    return Coded(np.maximum(codes - least, np.int32(-1)), column.words.slice(least, present.max() - least + 1))


def _filled(indices: pa.Array) -> Codes:
    return np.asarray(indices.fill_null(-1).to_numpy(zero_copy_only=False)).astype(np.int32, copy=False)
