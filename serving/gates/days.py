"""What came in on each day: lines, customers who ordered, newcomers."""

from datetime import date, timedelta
from typing import Self

import numpy as np
from pydantic import Field

from features.clock import WEEK, Days, to_date
from features.config import Strict
from features.fixed import Ints
from features.history import History

WEEKS = 60
"""Weeks that are looked back: last year's Christmas is among them."""


class OrderDays(Strict):
    """Counts of each day of the last weeks before a cut-off, oldest first; those of two groups of customers add up.

    Attributes:
        since: the first day, YYYY-MM-DD.
        lines: order lines, returns included.
        customers: customers with an order-day.
        newcomers: customers whose first order-day it was.
        spend: gross money spent, in millionths; empty where the orders have none.
        begun: how many of these days, the last ones, do not lie before the shop's first line.
        sources: lines of each source, where the settings name a column of sources.
    """

    since: str
    lines: tuple[int, ...]
    customers: tuple[int, ...]
    newcomers: tuple[int, ...]
    begun: int
    spend: tuple[int, ...] = ()
    sources: dict[str, tuple[int, ...]] = Field(default_factory=dict)

    @classmethod
    def of(cls, history: History, cutoff: int, weeks: int = WEEKS) -> Self:
        """Days of some customers.

        Args:
            history: theirs; what lies on or after the cut-off is not looked at.
            cutoff: a tick, as a day number.
            weeks: how many are looked back.
        """
        since, length = cutoff - weeks * WEEK, weeks * WEEK
        lines = history.columns["lines"] + history.columns["return_lines"]
        firsts = history.first_order_day
        return cls(
            since=to_date(since).isoformat(),
            lines=daily(history.day, lines, since, length),
            customers=daily(history.day, history.columns["order_day"], since, length),
            newcomers=daily(firsts, np.ones(len(firsts), dtype=np.int64), since, length),
            begun=int(np.clip(cutoff - history.first_day, 0, length)),
            spend=daily(history.day, history.columns["gross"], since, length) if "amount" in history.has else (),
        )

    def __add__(self, other: Self) -> Self:
        """Both groups of customers, of the same cut-off; sources are of the whole shop, so only one may have them."""
        return type(self)(
            since=self.since,
            lines=_both(self.lines, other.lines),
            customers=_both(self.customers, other.customers),
            newcomers=_both(self.newcomers, other.newcomers),
            begun=max(self.begun, other.begun),
            spend=_both(self.spend, other.spend),
            sources=self.sources or other.sources,
        )

    @property
    def until(self) -> str | None:
        """The last day with an order line, YYYY-MM-DD; None where there is none."""
        found = np.flatnonzero(self.lines)
        return self.date(int(found[-1])) if len(found) else None

    def date(self, place: int) -> str:
        """The day at a place, YYYY-MM-DD."""
        return (date.fromisoformat(self.since) + timedelta(days=place)).isoformat()

    def place(self, day: str) -> int:
        """The place of a day; below 0, or past the end, where it lies outside."""
        return (date.fromisoformat(day) - date.fromisoformat(self.since)).days


def daily(day: Ints | Days, counts: Ints, since: int, length: int) -> tuple[int, ...]:
    """Sums of counts by day, from the day `since` on."""
    inside, sums = (day >= since) & (day < since + length), np.zeros(length, dtype=np.int64)
    np.add.at(sums, day[inside] - since, counts[inside])  # exact, which sums of floats are not
    return tuple(sums.tolist())


def _both(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
