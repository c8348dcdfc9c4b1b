"""What lies before and after a tick: the one place where the stages meet what came next."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.clock import WEEK
from features.fixed import UNIT, Floats, Ints
from features.history import Codes, History
from features.past import Snapshots
from features.stages.moves import Booleans
from features.stages.spells import Spells

QUARTER = 13 * WEEK
"""Days of the outcome window that most measures use."""


@dataclass(frozen=True)
class Around:
    """Customers at ticks, and exact totals of windows around these.

    Attributes:
        history: all orders.
        customer: customer code of each row, shape (n,).
        tick: day number of each row, shape (n,).
        end: tick up to which orders are known.
    """

    history: History
    customer: Codes
    tick: Ints
    end: int

    def finished(self, days: int) -> Booleans:
        """Rows whose window of so many days after the tick is known as a whole."""
        return np.asarray(self.tick + days <= self.end)

    def total(self, measure: str, begin: int, until: int) -> Floats:
        """Sum of a measure over `[tick + begin, tick + until)`, in its own unit; 0 where that is not finished."""
        totals = self.history.totals(measure)
        found = totals[self._row(until)] - totals[self._row(begin)]
        return np.where(self.finished(until), found / _UNITS.get(measure, UNIT), 0.0)

    def _row(self, days: int) -> Ints:
        if days not in self._rows:
            self._rows[days] = self.history.before(self.customer, np.minimum(self.tick + days, self.end))
        return self._rows[days]

    @cached_property
    def _rows(self) -> dict[int, Ints]:
        return {}

    @cached_property
    def tenure(self) -> Ints:
        """Days from the first order-day to the tick."""
        return self.tick - self.history.first_order_day[self.customer]

    @cached_property
    def length(self) -> Ints:
        """Days from the first to the last order-day before the tick: the life cycle so far."""
        last = self.history.day[self.history.latest_order_row[self._row(0) - 1]].astype(np.int64)
        return last - self.history.first_order_day[self.customer]


_UNITS = {"order_day": 1, "comparable_lines": 1}


def places_at(spells: Spells, snapshots: Snapshots) -> Ints:
    """Place of each snapshot, from spells that reach to the last of them; shape (n,)."""
    width = int(max(spells.begin.max(initial=0), snapshots.cutoff.max(initial=0))) + 1
    keys = spells.customer * width + spells.begin
    asked = snapshots.customer * width + snapshots.cutoff
    return spells.place[np.searchsorted(keys, asked, side="right") - 1]
