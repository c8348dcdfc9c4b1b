"""Runs: batches of order lines sorted by customer, in files, so that a range of customers is a slice of each."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa

from features.history.dealing import deal, gather
from features.orders.coded import Coded
from features.orders.log import OrderLog
from features.orders.ranking import ranked
from features.orders.words import in_order_of_use
from features.partitions.spill import Place, Reader, WordsPlace, opened, written

SAMPLED = 1024
"""Customers a run is asked for when boundaries are drawn: none is then off by more than a thousandth of the lines."""


@dataclass(frozen=True)
class Run:
    """Order lines sorted by customer id (by code points), in the order of the input within a customer.

    Attributes:
        path: the file that they lie in.
        customers: their ids, ascending.
        begins: the line at which each customer begins, and at last how many lines there are.
        text: codes and words of the other columns of text; the words stand in the order in which lines
            first use them, so that a slice of the lines needs little more than a slice of the words.
        numbers: columns of numbers.
        ordered_at: times.
        is_return: which lines take goods back.
    """

    path: Path
    customers: WordsPlace
    begins: Place
    text: dict[str, tuple[Place, WordsPlace]]
    numbers: dict[str, Place]
    ordered_at: Place
    is_return: Place

    @classmethod
    def of(cls, log: OrderLog, path: Path) -> Self:
        """The lines of a log, sorted into a new file."""
        customers = log.text["customer_id"]
        ids, place = ranked(customers.words)
        order, begins = deal(place[customers.codes], len(ids), np.arange(len(log), dtype=np.int32))
        with written(path) as file:
            text = {}
            for name in log.text.keys() - {"customer_id"}:
                codes, words = in_order_of_use(gather(log.text[name].codes, order), log.text[name].words)
                text[name] = file.put(codes), file.put_words(words)
            return cls(
                path,
                file.put_words(ids),
                file.put(begins),
                text,
                {name: file.put(gather(column, order)) for name, column in log.numbers.items()},
                file.put(log.ordered_at[order]),
                file.put(gather(log.is_return, order)),
            )

    def __len__(self) -> int:
        return self.ordered_at.length

    def sample(self) -> list[str]:
        """Customers of evenly spaced lines."""
        lines = np.linspace(0, len(self) - 1, min(SAMPLED, len(self))).astype(np.int64)
        with opened(self.path) as file:
            begins = file.take(self.begins, 0, len(self.customers))
            ids = file.take_words(self.customers, 0, len(self.customers))
        of = np.searchsorted(begins, lines, side="right") - 1
        return ids.take(pa.array(of)).to_pylist()  # type: ignore[no-any-return]

    def places(self, customers: Sequence[str]) -> list[int]:
        """How many customers of this run come before each of these."""
        with opened(self.path) as file:
            ids = file.take_words(self.customers, 0, len(self.customers))
        return [bisect_left(range(len(ids)), customer, key=lambda at: ids[at].as_py()) for customer in customers]

    def between(self, ends: tuple[int, int], columns: Collection[str]) -> OrderLog:
        """The lines of the customers from one number to before another, with these of the optional columns."""
        first, last = ends
        with opened(self.path) as file:
            begins = file.take(self.begins, first, last + 1)
            lines = int(begins[0]), int(begins[-1])
            codes = np.repeat(np.arange(last - first, dtype=np.int32), np.diff(begins))
            text = {"customer_id": Coded(codes, file.take_words(self.customers, first, last))} | {
                name: _narrowed(file, words, file.take(codes, *lines))
                for name, (codes, words) in self.text.items()
                if name in columns
            }
            numbers = {name: file.take(place, *lines) for name, place in self.numbers.items() if name in columns}
            return OrderLog(text, numbers, file.take(self.ordered_at, *lines), file.take(self.is_return, *lines))


def _narrowed(file: Reader, words: WordsPlace, codes: np.ndarray) -> Coded:
    """A column of codes with the stretch of words that they use."""
    present = codes[codes >= 0]
    if not len(present):
        return Coded(codes, file.take_words(words, 0, 0))
    least, most = int(present.min()), int(present.max())
    return Coded(np.maximum(codes - np.int32(least), np.int32(-1)), file.take_words(words, least, most + 1))
