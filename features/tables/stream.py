"""Dated values of customers, and what was known of them at a cut-off.

A value happened on one day and was known from the same or a later one. It is
counted where it happened, but only at cut-offs after the day it was known.
"""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import UNIT, Floats, Ints, running, to_fixed


@dataclass(frozen=True)
class Stream:
    """Values sorted by customer, then by when they happened.

    Attributes:
        starts: row at which each customer's rows begin, shape (customers + 2,);
            the customer past the last is one of whom nothing is there.
        day: day number on which each happened.
        visible: day number after which each is history: the later one of when
            it happened and when it was known.
        value: NaN where there is none.
    """

    starts: Ints
    day: Ints
    visible: Ints
    value: Floats

    @classmethod
    def of(cls, customers: int, customer: Ints, times: tuple[Ints, Ints], value: Floats) -> "Stream":
        """Values in any order.

        Args:
            customers: how many customers there are.
            customer: code of each value's customer.
            times: when each happened and was known, in microseconds.
            value: NaN where there is none.
        """
        happened, known = times
        visible = np.maximum(happened, known)
        order = np.lexsort((value, visible, happened, customer))  # the value decides ties, not the order of the rows
        starts = np.searchsorted(customer[order], np.arange(customers + 2))
        return cls(starts, happened[order] // _DAY, visible[order] // _DAY, value[order])

    @cached_property
    def valued(self) -> npt.NDArray[np.bool_]:
        """Which rows have a value."""
        return ~np.isnan(self.value)

    def rows(self, customer: Ints, before: Ints) -> Ints:
        """First row of each customer that did not happen before a day."""
        rows = np.empty(len(customer), dtype=np.int64)
        _first_rows(self.day, self.starts, customer, before, rows)
        return rows

    def count(self, first: Ints, end: Ints, cutoff: Ints, valued: bool = False) -> Floats:
        """How many of the rows `first .. end - 1` are history at the cut-off; with `valued`, of those with a value."""
        name = "valued" if valued else "rows"
        return self._sum(name, first, end, cutoff).astype(np.float64)

    def total(self, first: Ints, end: Ints, cutoff: Ints) -> Floats:
        """Sum of the values of the rows that are history at the cut-off."""
        return self._sum("value", first, end, cutoff) / float(UNIT)

    def last(self, end: Ints, customer: Ints, cutoff: Ints, valued: bool = False) -> Ints:
        """Last row before `end` that is history at the cut-off, of those with a value if so asked; -1 for none."""
        rows = np.empty(len(end), dtype=np.int64)
        _last_rows(self.visible, self.valued if valued else self._any, (self.starts[customer], end, cutoff), rows)
        return rows

    def _sum(self, name: str, first: Ints, end: Ints, cutoff: Ints) -> Ints:
        if name not in self._known_amounts:
            self._known_amounts[name] = self._amounts(name)
        totals, late = self._known_amounts[name]
        sums = totals[end] - totals[first]
        if len(late):
            visible, place = self._late
            _less_hidden(visible, late, (place[first], place[end], cutoff), sums)
        return sums

    def _amounts(self, name: str) -> tuple[Ints, Ints]:
        """Running totals of what is added up, in whole numbers, and the amounts of what was known late."""
        counted = self.valued if name == "valued" else self._any
        amounts = to_fixed(self.value, "value") if name == "value" else counted.astype(np.int64)
        return running(amounts), amounts[self.visible > self.day]

    @cached_property
    def _late(self) -> tuple[Ints, Ints]:
        """When each late row is history, and the place among these of the first that is not before each row.

        Late is what was known on a later day than it happened: only that can be hidden inside a window.
        """
        late = self.visible > self.day
        return self.visible[late], running(late.astype(np.int64))

    @cached_property
    def _any(self) -> npt.NDArray[np.bool_]:
        return np.ones(len(self.day), dtype=bool)

    @cached_property
    def _known_amounts(self) -> dict[str, tuple[Ints, Ints]]:
        return {}


_DAY = 86_400_000_000


@numba.njit(cache=True, nogil=True)
def _first_rows(day: Ints, starts: Ints, customer: Ints, before: Ints, rows: Ints) -> None:
    for k in range(len(customer)):
        low, high = starts[customer[k]], starts[customer[k] + 1]
        while low < high:
            middle = (low + high) // 2
            if day[middle] < before[k]:
                low = middle + 1
            else:
                high = middle
        rows[k] = low


@numba.njit(cache=True, nogil=True)
def _less_hidden(visible: Ints, amounts: Ints, asked: tuple[Ints, Ints, Ints], sums: Ints) -> None:
    first, end, cutoff = asked
    for k in range(len(sums)):
        for late in range(first[k], end[k]):
            if visible[late] >= cutoff[k]:
                sums[k] -= amounts[late]


@numba.njit(cache=True, nogil=True)
def _last_rows(visible: Ints, fit: npt.NDArray[np.bool_], asked: tuple[Ints, Ints, Ints], rows: Ints) -> None:
    first, end, cutoff = asked
    for k in range(len(rows)):
        row = end[k] - 1
        while row >= first[k] and not (fit[row] and visible[row] < cutoff[k]):
            row -= 1
        rows[k] = row if row >= first[k] else -1
