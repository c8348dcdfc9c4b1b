"""Orders by the stage in which they were placed: the stage at the tick before, which the order could not touch."""

from dataclasses import dataclass

import numpy as np

from features.clock import Clock
from features.fixed import UNIT, Floats, Ints
from features.history import Codes, History
from features.past import Snapshots
from features.stages.moves import Stage
from features.stages.spells import Spells
from training.validity.amounts import ELSEWHERE, Amounts
from training.validity.around import places_at
from training.validity.span import Span


@dataclass(frozen=True)
class Placed:
    """Order-days of the judged part of the log.

    Attributes:
        history: all orders.
        row: row of each order-day in the history, shape (n,).
        place: where its customer stood at the last tick up to its day, shape
            (n,); a first order, and others before the first tick after it, are
            test orders: examination.
    """

    history: History
    row: Ints
    place: Ints

    @classmethod
    def of(cls, history: History, spells: Spells, span: Span) -> "Placed":
        """The order-days from the first tick judged to the end."""
        day = history.day.astype(np.int64)
        inside = (history.columns["order_day"] > 0) & (day >= span.ticks[0]) & (day < span.end)
        row = np.flatnonzero(inside)
        customer, phase = history.customer[row], Clock(span.spec.week_starts).phase
        tick = day[row] - (day[row] - phase) % 7
        known = history.first_order_day[customer] < tick
        place = np.full(len(row), Stage.EXAMINATION, dtype=np.int64)
        place[known] = places_at(spells, Snapshots(customer[known], tick[known]))
        return cls(history, row, place)

    @property
    def customer(self) -> Codes:
        """Customer code of each order-day, shape (n,)."""
        return self.history.customer[self.row]

    def value(self) -> Amounts:
        """Money of an order-day."""
        return self._amounts(self._column("value"), np.ones(len(self.row)))

    def relative_price(self) -> Amounts:
        """Unit price against what everybody paid for the product on earlier days, as mean log over lines."""
        lines = self.history.columns["comparable_lines"][self.row].astype(np.float64)
        amounts = self._amounts(self._column("relative_price"), lines)
        return Amounts(amounts.customer, amounts.place, amounts.top, amounts.bottom, logs=True)

    def _column(self, name: str) -> Floats:
        return self.history.columns[name][self.row] / float(UNIT)

    def _amounts(self, top: Floats, bottom: Floats) -> Amounts:
        return Amounts(self.customer, self.place, top, bottom)


def within(amounts: Amounts, place: int, others: tuple[int, ...]) -> Amounts:
    """Each customer's own quotient in a place, beside the one in other places; only customers that have both.

    The quotients, not their tops and bottoms, are averaged over customers, so
    that each customer is compared with itself alone.
    """
    size = int(amounts.customer.max(initial=-1)) + 1
    here, there = (amounts.kept(np.isin(amounts.place, places)) for places in ((place,), others))
    tops, bottoms = (
        np.array([np.bincount(part.customer, getattr(part, side), size) for part in (here, there)])
        for side in ("top", "bottom")
    )
    both = np.flatnonzero((bottoms > 0).all(axis=0))
    quotient = tops[:, both] / bottoms[:, both]
    places = np.repeat([place, ELSEWHERE], len(both))
    return Amounts(np.tile(both, 2), places, quotient.ravel(), np.ones(2 * len(both)), amounts.logs)
