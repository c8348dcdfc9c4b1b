"""Snapshots: one customer at one cut-off each."""

from collections.abc import Sequence
from dataclasses import dataclass

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
        number = len(ticks) - unknown
        ends = np.cumsum(number)
        place = np.arange(number.sum()) + np.repeat(unknown - (ends - number), number)
        return cls(np.repeat(np.arange(len(number)), number), ticks[place])

    def only(self, customers: Codes) -> "Snapshots":
        """The snapshots of some customers."""
        return self.at(np.flatnonzero(np.isin(self.customer, customers)))

    def at(self, places: Ints | slice) -> "Snapshots":
        """Some of the snapshots."""
        return Snapshots(self.customer[places], self.cutoff[places])

    def __len__(self) -> int:
        return len(self.customer)
