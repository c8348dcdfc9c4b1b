"""What is known of a part of the log once it was looked at."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from features.fixed import Ints
from features.history import History


@dataclass(frozen=True)
class Seen:
    """Days of a part.

    Attributes:
        days: those with order lines, ascending.
        begin: those of first order-days, ascending; past all others where a customer has none.
        newcomers: customers whose first order-day each of these was.
    """

    days: Ints
    begin: Ints
    newcomers: Ints

    @classmethod
    def of(cls, history: History) -> Self:
        """Look at a part."""
        first = history.first_day
        days = first + np.flatnonzero(np.bincount(history.day - first))
        return cls(days, *np.unique(history.first_order_day, return_counts=True))

    @property
    def customers(self) -> int:
        """How many there are."""
        return int(self.newcomers.sum())

    def known(self, day: int) -> int:
        """Customers with at least one order-day before a day."""
        return int(self.newcomers[self.begin < day].sum())
