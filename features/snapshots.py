"""Snapshots: customers at cut-offs, and all that is known of them there.

A family of features sees a `Past`, never the `History`: nothing it can ask for
lies at or after the cut-off.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numba
import numpy as np

from features.fixed import UNIT, Floats, Ints
from features.history import Codes, History
from features.rows import Pass, peaks
from features.shop import Shop
from features.stages.machine import StageState, run_stages
from features.stages.spec import StageSpec

if TYPE_CHECKING:
    from features.tables.joined import View


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
    def of(cls, history: History, cutoffs: list[int]) -> "Snapshots":
        """All customers known (one order-day at least) at each of the cut-offs; one named twice counts once."""
        cutoffs = sorted(set(cutoffs))
        known = [history.known(cutoff) for cutoff in cutoffs]
        customer = np.concatenate([*known, np.empty(0, dtype=np.int64)])
        cutoff = np.repeat(np.asarray(cutoffs, dtype=np.int64), [len(k) for k in known])
        order = np.lexsort((cutoff, customer))
        return cls(customer[order], cutoff[order])

    def only(self, customers: Codes) -> "Snapshots":
        """The snapshots of some customers."""
        kept = np.isin(self.customer, customers)
        return Snapshots(self.customer[kept], self.cutoff[kept])

    def __len__(self) -> int:
        return len(self.customer)


class Past:
    """What is known at each snapshot. All answers are arrays of shape (n,).

    Windows are in days and reach back from the cut-off: `[cutoff - days,
    cutoff)`; None is the whole history.
    """

    _begins: dict[int | None, Ints]

    def __init__(self, history: History, snapshots: Snapshots, spec: StageSpec) -> None:
        self._history, self._snapshots, self._spec = history, snapshots, spec
        self._end = history.before(snapshots.customer, snapshots.cutoff)
        self._begins = {None: history.starts[snapshots.customer], 0: self._end}

    @property
    def customer(self) -> Codes:
        """Code of the customer of each snapshot."""
        return self._snapshots.customer

    @property
    def cutoff(self) -> Ints:
        """Tick of each snapshot, as a day number."""
        return self._snapshots.cutoff

    @property
    def hold_days(self) -> int:
        """The period, in days."""
        return self._spec.hold_days

    def exact(self, measure: str, days: int | None = None, ending: int = 0) -> Ints:
        """Exact sum of a measure over a window that ends `ending` days before the cut-off.

        Raises:
            ValueError: the window would end after the cut-off.
        """
        totals = self._history.totals(measure)
        first = self._begin(None if days is None else days + ending)
        return totals[self._begin(ending)] - totals[first]

    def count(self, measure: str, days: int | None = None, ending: int = 0) -> Floats:
        """Sum of a measure that counts whole things."""
        return self.exact(measure, days, ending).astype(np.float64)

    def total(self, measure: str, days: int | None = None, ending: int = 0) -> Floats:
        """Sum of a measure that is kept in millionths (money, units, prices)."""
        return self.exact(measure, days, ending) / float(UNIT)

    def largest(self, measure: str, days: int | None = None) -> Floats:
        """Largest order-day value of a measure in the window; NaN where there is no order-day."""
        values = np.where(self._history.columns["order_day"] > 0, self._history.columns[measure], _NOTHING)
        best = np.empty(len(self._end), dtype=np.int64)
        _window_max(values, self._begin(days), self._end, best)
        return np.where(best == _NOTHING, np.nan, best / float(UNIT))

    def walk(self, rows_to_number: Pass, *measures: str, days: int | None = None) -> Floats:
        """What a pass over the rows of the window finds in the measures, as stored (see `features.rows`)."""
        found = np.empty(len(self._end))
        columns = tuple(self._history.columns[measure] for measure in measures)
        rows_to_number(self._history.day, columns, self._begin(days), self._end, found)
        return found

    def peak(self, measure: str, days: int) -> Floats:
        """Largest sum of a measure, as stored, over any so many days that end with an order-day of the history."""
        found = np.empty(len(self._end), dtype=np.int64)
        columns = (self._history.columns["order_day"], self._history.columns[measure])
        peaks(days, self._history.day, columns, (self._begin(None), self._end), found)
        return found.astype(np.float64)

    def at_last(self, measure: str) -> Floats:
        """Value of a measure on the last order-day, as stored."""
        return self._history.columns[measure][self._last_order_row].astype(np.float64)

    def at_first(self, measure: str) -> Floats:
        """Value of a measure on the first order-day, as stored."""
        return self._history.columns[measure][self._first_order_row].astype(np.float64)

    def order_days_in_first(self, days: int) -> Floats:
        """Order-days within so many days of the first one, as far as they are history."""
        until = np.minimum(self.first_order_day + days, self.cutoff)
        totals = self._history.totals("order_day")
        rows = self._history.before(self._snapshots.customer, until)
        return (totals[rows] - totals[self._begins[None]]).astype(np.float64)

    @cached_property
    def recency(self) -> Floats:
        """Days since the last order-day."""
        return (self.cutoff - self.last_order_day).astype(np.float64)

    @cached_property
    def tenure(self) -> Floats:
        """Days since the first order-day."""
        return (self.cutoff - self.first_order_day).astype(np.float64)

    @cached_property
    def last_order_day(self) -> Ints:
        """Day number of the last order-day."""
        return self._history.day[self._last_order_row].astype(np.int64)

    @cached_property
    def first_order_day(self) -> Ints:
        """Day number of the first order-day."""
        return self._history.day[self._first_order_row].astype(np.int64)

    @cached_property
    def stages(self) -> StageState:
        """State of the stage machine."""
        return run_stages(self._history, self._spec, self._snapshots.customer, self._snapshots.cutoff)

    def table(self, name: str) -> "View":
        """A table beside the orders, as it was known at each snapshot."""
        customer, cutoff = self.customer, self.cutoff
        if name not in self._views:
            self._views[name] = self._history.tables[name].at(customer, cutoff)
        return self._views[name]

    @cached_property
    def _views(self) -> "dict[str, View]":
        return {}

    @cached_property
    def shop(self) -> Shop:
        """The whole shop before each cut-off."""
        return Shop(self._history.shop_days, self.cutoff)

    def distinct(self, item: str, days: int | None = None, ending: int = 0) -> Floats:
        """Different items bought in the window."""
        first = self._begin(None if days is None else days + ending)
        return self._history.items[item].distinct(first, self._begin(ending)).astype(np.float64)

    def touches(self, item: str, days: int | None = None) -> Floats:
        """Days x items: each item counts once on each day it was bought."""
        return self._pairs(item, self._begin(days), self._end)

    def novel(self, item: str, days: int | None = None) -> Floats:
        """Items bought in the window that the customer had never bought before."""
        return self._over_items(item, self._history.items[item].novel, (self._begin(days), self._end))

    def repeated(self, item: str) -> Floats:
        """Items bought on two days or more, over the whole history."""
        return self._over_items(item, self._history.items[item].repeated, (self._begin(None), self._end))

    def squares(self, item: str) -> Floats:
        """Sum over items of (days bought)^2, over the whole history."""
        return self._over_items(item, self._history.items[item].squares, (self._begin(None), self._end))

    def last_touches(self, item: str) -> Floats:
        """Different items bought on the last order-day."""
        return self._pairs(item, self._last_order_row, self._last_order_row + 1)

    def last_novel(self, item: str) -> Floats:
        """Items bought on the last order-day that the customer had never bought before."""
        rows = (self._last_order_row, self._last_order_row + 1)
        return self._over_items(item, self._history.items[item].novel, rows)

    def _pairs(self, item: str, first: Ints, last: Ints) -> Floats:
        starts = self._history.items[item].starts
        return (starts[last] - starts[first]).astype(np.float64)

    def _over_items(self, item: str, totals: Ints, rows: tuple[Ints, Ints]) -> Floats:
        starts = self._history.items[item].starts
        return (totals[starts[rows[1]]] - totals[starts[rows[0]]]).astype(np.float64)

    def _begin(self, days: int | None) -> Ints:
        if days is None or days in self._begins:
            return self._begins[days]
        if days < 0:
            raise ValueError(f"a window may not reach {-days} days past its cut-off")
        return self._begins.setdefault(days, self._history.before(self._snapshots.customer, self.cutoff - days))

    @cached_property
    def _last_order_row(self) -> Ints:
        return self._history.latest_order_row[self._end - 1]

    @cached_property
    def _first_order_row(self) -> Ints:
        first = self._history.first_order_day[self._snapshots.customer]
        return self._history.before(self._snapshots.customer, first)


_NOTHING = np.iinfo(np.int64).min


@numba.njit(cache=True)
def _window_max(values: Ints, first: Ints, last: Ints, best: Ints) -> None:
    for k in range(len(first)):
        top = _NOTHING
        for row in range(first[k], last[k]):
            top = max(top, values[row])
        best[k] = top
