"""What a customer bought on each day: products or categories, each counted once a day."""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

from features.fixed import Ints, running
from features.history.dealing import Places


@dataclass(frozen=True)
class Items:
    """Distinct (row, item) pairs, sorted by row.

    Attributes:
        starts: pair at which each row's pairs begin, shape (rows + 1,).
        previous: last earlier row of the same customer with the same item, below 0 for none, shape (pairs,).
        earlier: on how many earlier days the customer bought the item, shape (pairs,).
    """

    starts: Ints
    previous: Places
    earlier: Places

    @cached_property
    def novel(self) -> Ints:
        """Running count, by row, of pairs that were the customer's first of that item, shape (rows + 1,)."""
        return running(self.previous < 0)[self.starts]

    @cached_property
    def repeated(self) -> Ints:
        """Running count, by row, of pairs that were the customer's second of that item, shape (rows + 1,)."""
        return running(self.earlier == 1)[self.starts]

    @cached_property
    def squares(self) -> Ints:
        """Running increase, by row, of the sum over items of (days bought)^2, which is 2k + 1 at the k-th repeat."""
        return running(2 * self.earlier.astype(np.int64) + 1)[self.starts]

    def part(self, first: int, last: int) -> "Items":
        """The pairs of the rows `first` to `last - 1`, whole customers, which count from 0 there."""
        starts = self.starts[first : last + 1]
        pairs = slice(starts[0], starts[-1])
        return Items(starts - starts[0], self.previous[pairs] - np.int32(first), self.earlier[pairs])

    def distinct(self, first: Ints, last: Ints) -> Ints:
        """Different items in each range of rows `[first, last)` of one customer, shape (n,)."""
        number = np.empty(len(first), dtype=np.int64)
        _count_distinct(self.previous, self.starts, (first, last), number)
        return number


@numba.njit(cache=True, nogil=True)
def _count_distinct(previous: Places, starts: Ints, window: tuple[Ints, Ints], number: Ints) -> None:
    """An item counts where it stands in the window for the first time: its earlier row lies before the window."""
    first, last = window
    for k in range(len(number)):
        fresh = 0
        for pair in range(starts[first[k]], starts[last[k]]):
            if previous[pair] < first[k]:
                fresh += 1
        number[k] = fresh


def group_items(item: Places, first: Ints, starts: Ints) -> Items:
    """Items bought in each row.

    Args:
        item: code of the item of each purchase line, -1 without one, row after row.
        first: line at which each row begins, shape (rows + 1,).
        starts: row at which each customer's rows begin, shape (customers + 1,).
    """
    pair_starts = np.zeros(len(first), dtype=np.int64)
    previous, earlier = np.empty(len(item), dtype=np.int32), np.empty(len(item), dtype=np.int32)
    _pair_up(item, first, starts, (pair_starts, previous, earlier))
    return Items(pair_starts, previous[: pair_starts[-1]], earlier[: pair_starts[-1]])


@numba.njit(cache=True, nogil=True)
def _pair_up(item: Places, first: Ints, starts: Ints, found: tuple[Ints, Places, Places]) -> None:
    """Remember of each item the latest row and how often; what lies before the customer's first row is another's."""
    pair_starts, previous, earlier = found
    items = item.max() + 1 if len(item) else 0
    latest, times = np.full(items, -1, dtype=np.int32), np.zeros(items, dtype=np.int32)
    pairs = 0
    for customer in range(len(starts) - 1):
        for row in range(starts[customer], starts[customer + 1]):
            for line in range(first[row], first[row + 1]):
                code = item[line]
                if code < 0 or latest[code] == row:
                    continue
                known = latest[code] >= starts[customer]
                times[code] = times[code] + 1 if known else 0
                previous[pairs], earlier[pairs] = latest[code] if known else -1, times[code]
                latest[code] = row
                pairs += 1
            pair_starts[row + 1] = pairs
