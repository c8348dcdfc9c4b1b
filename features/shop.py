"""The shop's own level before a cut-off, so that a drift of the base rate is visible."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from features.fixed import Floats, Ints, running
from features.history import History


@dataclass(frozen=True)
class Shop:
    """Totals of the whole shop by day, asked for at cut-offs.

    Attributes:
        cutoff: tick of each snapshot, shape (n,).
        days: days with order-days or first orders, ascending, shape (d,).
        order_days: running total of order-days, shape (d + 1,).
        newcomers: running total of customers' first order-days, shape (d + 1,).
    """

    cutoff: Ints
    days: Ints
    order_days: Ints
    newcomers: Ints

    @classmethod
    def of(cls, history: History, cutoff: Ints) -> Self:
        """The shop of a history, seen from each cut-off."""
        rows = np.flatnonzero(history.columns["order_day"])
        days, counts = np.unique(history.day[rows].astype(np.int64), return_counts=True)
        firsts = np.searchsorted(np.sort(history.first_order_day), days, side="right")
        return cls(cutoff, days, running(counts.astype(np.int64)), np.concatenate([[0], firsts]))

    def order_days_in(self, days: int, ending: int = 0) -> Floats:
        """Order-days of all customers in `[cutoff - ending - days, cutoff - ending)`."""
        return self._between(self.order_days, days, ending)

    def newcomers_in(self, days: int, ending: int = 0) -> Floats:
        """Customers whose first order-day lies in that window."""
        return self._between(self.newcomers, days, ending)

    def customers(self, ending: int = 0) -> Floats:
        """Customers known `ending` days before the cut-off."""
        return self.newcomers[self._at(self.cutoff - ending)].astype(np.float64)

    def _between(self, totals: Ints, days: int, ending: int) -> Floats:
        end = self.cutoff - ending
        return (totals[self._at(end)] - totals[self._at(end - days)]).astype(np.float64)

    def _at(self, day: Ints) -> npt.NDArray[np.intp]:
        return np.searchsorted(self.days, day, side="left")
