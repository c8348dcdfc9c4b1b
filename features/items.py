"""What a customer bought on each day: products or categories, each counted once a day."""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

from features.fixed import Ints, running


def distinct_pairs(first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Distinct pairs of two arrays of non-negative codes, sorted by the first, then the second."""
    width = int(second.max(initial=0)) + 1
    keys = np.sort(first * width + second)
    keys = keys[np.diff(keys, prepend=-1) > 0]
    return keys // width, keys % width


@dataclass(frozen=True)
class Items:
    """Distinct (row, item) pairs, sorted by row.

    Attributes:
        starts: pair at which each row's pairs begin, shape (rows + 1,).
        previous: last earlier row of the same customer with the same item, or -1, shape (pairs,).
        earlier: on how many earlier days the customer bought the item, shape (pairs,).
    """

    starts: Ints
    previous: Ints
    earlier: Ints

    @cached_property
    def novel(self) -> Ints:
        """Running count of pairs that were the customer's first of that item."""
        return running((self.previous < 0).astype(np.int64))

    @cached_property
    def squares(self) -> Ints:
        """Running increase of the sum over items of (days bought)^2, which is 2k + 1 at the k-th repeat."""
        return running(2 * self.earlier + 1)

    def distinct(self, first: Ints, last: Ints) -> Ints:
        """Different items in each range of rows `[first, last)` of one customer, shape (n,)."""
        number = np.empty(len(first), dtype=np.int64)
        _count_distinct(self.previous, (self.starts[first], self.starts[last], first), number)
        return number


@numba.njit(cache=True)
def _count_distinct(previous: Ints, window: tuple[Ints, Ints, Ints], number: Ints) -> None:
    """An item counts where it stands in the window for the first time: its earlier row lies before the window."""
    first_pair, last_pair, first_row = window
    for k in range(len(number)):
        fresh = 0
        for pair in range(first_pair[k], last_pair[k]):
            if previous[pair] < first_row[k]:
                fresh += 1
        number[k] = fresh


def group_items(row: Ints, item: Ints, row_customer: Ints) -> Items:
    """Items of each row from one (row, item) pair a line.

    Args:
        row: row of each line.
        item: non-negative code of the item of each line.
        row_customer: customer of each row, shape (rows,).
    """
    rows, items = distinct_pairs(row, item)
    by_item = np.lexsort((rows, items, row_customer[rows]))
    ordered = np.stack([row_customer[rows][by_item], items[by_item]])
    fresh = np.ones(len(rows), dtype=bool)
    fresh[1:] = (ordered[:, 1:] != ordered[:, :-1]).any(axis=0)
    position = np.arange(len(rows))
    earlier = np.empty(len(rows), dtype=np.int64)
    previous = np.empty(len(rows), dtype=np.int64)
    earlier[by_item] = position - np.maximum.accumulate(np.where(fresh, position, 0))
    previous[by_item] = np.where(fresh, -1, rows[by_item][position - 1])
    starts = np.searchsorted(rows, np.arange(len(row_customer) + 1))
    return Items(starts, previous, earlier)
