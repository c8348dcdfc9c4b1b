"""What a customer bought on each day: products or categories, each counted once a day."""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

from features.dealing import Places
from features.fixed import Ints, running


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
    def repeated(self) -> Ints:
        """Running count of pairs that were the customer's second of that item."""
        return running((self.earlier == 1).astype(np.int64))

    @cached_property
    def squares(self) -> Ints:
        """Running increase of the sum over items of (days bought)^2, which is 2k + 1 at the k-th repeat."""
        return running(2 * self.earlier + 1)

    def distinct(self, first: Ints, last: Ints) -> Ints:
        """Different items in each range of rows `[first, last)` of one customer, shape (n,)."""
        number = np.empty(len(first), dtype=np.int64)
        _count_distinct(self.previous, (self.starts[first], self.starts[last], first), number)
        return number


@numba.njit(cache=True, nogil=True)
def _count_distinct(previous: Ints, window: tuple[Ints, Ints, Ints], number: Ints) -> None:
    """An item counts where it stands in the window for the first time: its earlier row lies before the window."""
    first_pair, last_pair, first_row = window
    for k in range(len(number)):
        fresh = 0
        for pair in range(first_pair[k], last_pair[k]):
            if previous[pair] < first_row[k]:
                fresh += 1
        number[k] = fresh


def group_items(item: Places, first: Ints, starts: Ints) -> Items:
    """Items of each row.

    Args:
        item: code of the item of each line, -1 where nothing was bought, shape (lines,).
        first: line at which each row begins, shape (rows + 1,).
        starts: row at which each customer's rows begin, shape (customers + 1,).
    """
    pair_starts = np.zeros(len(first), dtype=np.int64)
    previous, earlier = np.empty((2, np.count_nonzero(item >= 0)), dtype=np.int64)
    latest, times = np.full(int(item.max(initial=0)) + 1, -1), np.zeros(int(item.max(initial=0)) + 1, dtype=np.int64)
    pairs = _pair_up(item, (first, starts), (latest, times), (pair_starts, previous, earlier))
    return Items(pair_starts, previous[:pairs].copy(), earlier[:pairs].copy())


@numba.njit(cache=True, nogil=True)
def _pair_up(item: Places, bounds: tuple[Ints, Ints], memory: tuple[Ints, Ints], found: tuple[Ints, Ints, Ints]) -> int:
    """Remember of each item the latest row and how often; what lies before the customer's first row is another's."""
    (first, starts), (latest, times), (pair_starts, previous, earlier) = bounds, memory, found
    pairs = 0
    for customer in range(len(starts) - 1):
        for row in range(starts[customer], starts[customer + 1]):
            for line in range(first[row], first[row + 1]):
                code = item[line]
                if code < 0 or latest[code] == row:
                    continue
                known = latest[code] >= starts[customer]
                previous[pairs] = latest[code] if known else -1
                times[code] = times[code] + 1 if known else 0
                earlier[pairs], latest[code] = times[code], row
                pairs += 1
            pair_starts[row + 1] = pairs
    return pairs
