"""Snapshots: one customer at one cut-off each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

from features.fixed import Ints
from features.history import Codes, History


@dataclass(frozen=True)
class Snapshots:
    """One customer at one cut-off each, sorted by customer, then cut-off.

    Attributes:
        customer: customer codes, shape (n,).
        cutoff: tick of each, shape (n,).
    """

    customer: Codes
    cutoff: Ints

    @classmethod
    def of(cls, history: History, cutoffs: Sequence[int]) -> "Snapshots":
        """All customers known (one order-day at least) at each of the cut-offs; one named twice counts once."""
        ticks = np.unique(np.asarray(cutoffs, dtype=np.int64))
        unknown = np.searchsorted(ticks, history.first_order_day, side="right")
        number = len(ticks) * len(unknown) - int(unknown.sum())
        customer, cutoff = np.empty(number, dtype=np.int64), np.empty(number, dtype=np.int64)
        _fill(unknown, ticks, customer, cutoff)
        return cls(customer, cutoff)

    @cached_property
    def begins(self) -> Ints:
        """Place of each customer's first snapshot, and the number of all, shape (customers + 1,)."""
        new = np.append(np.ones(min(len(self), 1), dtype=np.bool_), self.customer[1:] != self.customer[:-1])
        return np.append(np.flatnonzero(new), len(self))

    def only(self, customers: Codes) -> "Snapshots":
        """The snapshots of some customers."""
        return self.at(np.flatnonzero(np.isin(self.customer, customers)))

    def at(self, places: Ints | slice) -> "Snapshots":
        """Some of the snapshots."""
        if isinstance(places, slice):
            return Snapshots(self.customer[places], self.cutoff[places])
        return Snapshots(self.customer.take(places), self.cutoff.take(places))

    def __len__(self) -> int:
        return len(self.customer)


@numba.njit(cache=True, nogil=True)
def _fill(unknown: Ints, ticks: Ints, customer: Codes, cutoff: Ints) -> None:
    """Each customer at all ticks but the first ones, at which it is not known yet."""
    place = 0
    for code in range(len(unknown)):
        for tick in range(unknown[code], len(ticks)):
            customer[place], cutoff[place] = code, ticks[tick]
            place += 1
