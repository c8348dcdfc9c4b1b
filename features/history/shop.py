"""The shop's own level before a cut-off, so that a drift of the base rate is visible."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt

from features.clock import Days
from features.fixed import Floats, Ints, running


@dataclass(frozen=True)
class ShopDays:
    """What the whole shop did on each day; the days of two groups of customers add up.

    Attributes:
        day: days with order-days, ascending, shape (d,).
        order_days: order-days on each, shape (d,).
        newcomers: customers whose first order-day each was, shape (d,).
    """

    day: Ints
    order_days: Ints
    newcomers: Ints

    @classmethod
    def of(cls, order_day: Days | Ints, first_order_day: Days | Ints) -> Self:
        """Days of a shop.

        Args:
            order_day: day number of every order-day.
            first_order_day: day number of every customer's first one; days on which there is none are left out.
        """
        day, counts = np.unique(order_day.astype(np.int64), return_counts=True)
        until = np.searchsorted(np.sort(first_order_day), day, side="right")
        return cls(day, counts.astype(np.int64), np.diff(until, prepend=0).astype(np.int64))

    def __add__(self, other: Self) -> Self:
        """Both groups of customers together."""
        day, place = np.unique(np.concatenate([self.day, other.day]), return_inverse=True)
        sums = np.zeros((2, len(day)), dtype=np.int64)
        for k, name in enumerate(("order_days", "newcomers")):
            np.add.at(sums[k], place, np.concatenate([getattr(self, name), getattr(other, name)]))
        return type(self)(day, sums[0], sums[1])


@dataclass(frozen=True)
class Shop:
    """The days of the whole shop, asked for at cut-offs.

    Attributes:
        days: what happened on each day.
        cutoff: tick of each snapshot, shape (n,).
    """

    days: ShopDays
    cutoff: Ints

    def order_days_in(self, days: int, ending: int = 0) -> Floats:
        """Order-days of all customers in `[cutoff - ending - days, cutoff - ending)`."""
        return self._between(self._order_days, days, ending)

    def newcomers_in(self, days: int, ending: int = 0) -> Floats:
        """Customers whose first order-day lies in that window."""
        return self._between(self._newcomers, days, ending)

    def customers(self, ending: int = 0) -> Floats:
        """Customers known `ending` days before the cut-off."""
        return self._newcomers[self._at(self.cutoff - ending)].astype(np.float64)

    @cached_property
    def _order_days(self) -> Ints:
        return running(self.days.order_days)

    @cached_property
    def _newcomers(self) -> Ints:
        return running(self.days.newcomers)

    def _between(self, totals: Ints, days: int, ending: int) -> Floats:
        end = self.cutoff - ending
        return (totals[self._at(end)] - totals[self._at(end - days)]).astype(np.float64)

    def _at(self, day: Ints) -> npt.NDArray[np.intp]:
        return np.searchsorted(self.days.day, day, side="left")
