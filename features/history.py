"""Each customer's history as days, and the only door to the past.

Order lines become one row for each customer and day, sorted by customer and
day. A cut-off is a local midnight, so no day lies on both of its sides, and
what happened on a day is known as a whole at every later cut-off.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.clock import Days
from features.errors import DataError
from features.fixed import Ints, running
from features.items import Items
from features.lines import Lines

Codes = npt.NDArray[np.int64]

LOG_UNIT = 1e12
"""Logarithms of gaps are whole numbers of this fraction, so that their sums are exact too."""


@dataclass(frozen=True)
class History:
    """Rows of (customer, day), sorted, with exact totals of each.

    Attributes:
        customers: customer ids in ascending order, shape (customers,).
        starts: row at which each customer's rows begin, shape (customers + 1,).
        customer: code (position in `customers`) of each row.
        day: day number of each row.
        columns: one int64 array a measure; money and units in millionths.
        items: what was bought, per column (`product_id`, `category`).
        has: optional order columns that the input had.
    """

    customers: npt.NDArray[np.object_]
    starts: Ints
    customer: Codes
    day: Days
    columns: dict[str, Ints]
    items: dict[str, Items]
    has: frozenset[str]

    @classmethod
    def of(cls, orders: pd.DataFrame) -> Self:
        """History of clean orders (canonical columns, see `features.orders`).

        Raises:
            DataError: there is no order line at all.
        """
        if orders.empty:
            raise DataError("there are no orders", got="0 lines", allowed="at least one line")
        customers, codes = _encode(orders["customer_id"])
        line_day = orders["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
        rows, row_of_line = np.unique(_key(codes, line_day), return_inverse=True)
        customer, day = rows >> _DAY_BITS, ((rows & _DAY_MASK) + _DAY_MIN).astype(np.int32)
        lines = Lines(orders, line_day, row_of_line, len(rows))
        columns = lines.measures()
        columns |= _rhythm(customer, day, columns["order_day"])
        kinds: list[str] = [name for name in ("product_id", "category") if name in lines.has]
        items = {kind: lines.items(kind, customer) for kind in kinds}
        starts = np.searchsorted(customer, np.arange(len(customers) + 1))
        return cls(customers, starts, customer, day, columns, items, lines.has)

    def only(self, customers: Codes) -> Self:
        """The history of some customers, without what they bought (`items`)."""
        kept = np.unique(customers)
        rows = np.flatnonzero(np.isin(self.customer, kept))
        customer = np.searchsorted(kept, self.customer[rows])
        starts = np.searchsorted(customer, np.arange(len(kept) + 1))
        columns = {name: column[rows] for name, column in self.columns.items()}
        return type(self)(self.customers[kept], starts, customer, self.day[rows], columns, {}, self.has)

    def before(self, customer: Codes, day: npt.ArrayLike) -> Ints:
        """First row of each customer that is not before `day`: the only door to the past.

        Rows `starts[c] .. before(c, t) - 1` are the history of customer `c` at
        cut-off `t`, since history is `ordered_at < t`.
        """
        return np.searchsorted(self._keys, _key(customer, np.asarray(day, dtype=np.int64)), side="left")

    def totals(self, measure: str) -> Ints:
        """Running totals of a measure over the rows, with a leading zero.

        Raises:
            DataError: the orders lack the column that the measure is made from.
        """
        if measure not in self.columns:
            raise DataError(
                f"the orders have nothing to make '{measure}' from",
                got=f"optional columns {', '.join(sorted(self.has)) or 'none'}",
                allowed="orders with the columns that the stage spec was fitted on",
                remedy="give the same columns, or fit the stage spec anew on these orders",
            )
        return self._totals.setdefault(measure, running(self.columns[measure]))

    def level_measure(self, before: int) -> Literal["net", "order_day_units"]:
        """What a customer's level is measured in: net money, or order-days where no line before a day has any."""
        money = "amount" in self.has and self.columns["gross"][self.day < before].any()
        return "net" if money else "order_day_units"

    @property
    def last_day(self) -> int:
        """Day number of the last order line."""
        return int(self.day.max())

    @property
    def first_day(self) -> int:
        """Day number of the first order line."""
        return int(self.day.min())

    @cached_property
    def first_order_day(self) -> Ints:
        """Day of each customer's first order-day; a day past all others where there is none."""
        firsts = np.full(len(self.customers), np.iinfo(np.int32).max, dtype=np.int64)
        order_rows = np.flatnonzero(self.columns["order_day"])
        np.minimum.at(firsts, self.customer[order_rows], self.day[order_rows].astype(np.int64))
        return firsts

    @cached_property
    def latest_order_row(self) -> Ints:
        """Row of the last order-day up to and including each row; -1 before the very first."""
        rows = np.arange(len(self.day))
        return np.maximum.accumulate(np.where(self.columns["order_day"] > 0, rows, -1))

    def known(self, day: int) -> Codes:
        """Codes of the customers with at least one order-day before `day`."""
        return np.flatnonzero(self.first_order_day < day)

    @cached_property
    def _keys(self) -> Ints:
        return _key(self.customer, self.day.astype(np.int64))

    @cached_property
    def _totals(self) -> dict[str, Ints]:
        return {}


_DAY_BITS = 18
_DAY_MASK = (1 << _DAY_BITS) - 1
_DAY_MIN = -(1 << 15)


def _key(customer: Codes, day: Ints) -> Ints:
    """Customer and day in one sortable number; days outside the years 1880 to 2597 count as the nearest inside."""
    return customer << _DAY_BITS | np.clip(day - _DAY_MIN, 0, _DAY_MASK)


def _encode(ids: pd.Series) -> tuple[npt.NDArray[np.object_], Codes]:
    codes, uniques = pd.factorize(ids)
    names = np.asarray(uniques, dtype=object)
    order = np.argsort(names)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return names[order], rank[codes]


def _rhythm(customer: Codes, day: Days, order_day: Ints) -> dict[str, Ints]:
    """Gap in days from the order-day before, at each order-day but the first; zero elsewhere."""
    rows = np.flatnonzero(order_day)
    gap = np.zeros(len(day), dtype=np.int64)
    same = np.flatnonzero(customer[rows[1:]] == customer[rows[:-1]])
    gap[rows[1:][same]] = day[rows[1:][same]] - day[rows[:-1][same]]
    weekend = (day.astype(np.int64) + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    return {
        "gap": gap,
        "gap_squared": gap * gap,
        "log_gap": np.rint(np.log(np.maximum(gap, 1)) * LOG_UNIT).astype(np.int64),
        "weekend": order_day * weekend,
    }
