"""Each customer's history as days, and the only door to the past.

Order lines become one row for each customer and day, sorted by customer and
day. A cut-off is a local midnight, so no day lies on both of its sides, and
what happened on a day is known as a whole at every later cut-off.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.clock import Days
from features.errors import DataError
from features.fixed import Ints, running, to_fixed
from features.items import Items, distinct_pairs, group_items
from features.prices import relative_prices

Codes = npt.NDArray[np.int64]

_OPTIONAL = ("order_id", "product_id", "category", "quantity", "unit_price", "amount", "discount")


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
        days = orders["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
        rows, row_of_line = np.unique(codes << _DAY_BITS | days - _DAY_MIN, return_inverse=True)
        row_customer, row_day = rows >> _DAY_BITS, ((rows & (1 << _DAY_BITS) - 1) + _DAY_MIN).astype(np.int32)
        has = frozenset(name for name in _OPTIONAL if name in orders and orders[name].notna().any())
        lines = _Lines(orders, days, row_of_line, len(rows), has)
        columns = lines.measures()
        columns |= _rhythm(row_customer, row_day, columns["order_day"])
        items = {name: lines.items(name, row_customer) for name in ("product_id", "category") if name in has}
        starts = np.searchsorted(row_customer, np.arange(len(customers) + 1))
        return cls(customers, starts, row_customer, row_day, columns, items, has)

    def before(self, customer: Codes, day: npt.ArrayLike) -> Ints:
        """First row of each customer that is not before `day`: the only door to the past.

        Rows `starts[c] .. before(c, t) - 1` are the history of customer `c` at
        cut-off `t`, since history is `ordered_at < t`.
        """
        wanted = customer << _DAY_BITS | np.clip(np.asarray(day, dtype=np.int64) - _DAY_MIN, 0, (1 << _DAY_BITS) - 1)
        return np.searchsorted(self._keys, wanted, side="left")

    def totals(self, measure: str) -> Ints:
        """Running totals of a measure over the rows, with a leading zero."""
        return self._totals.setdefault(measure, running(self.columns[measure]))

    @property
    def level_measure(self) -> str:
        """What a customer's level is measured in: net money, or order-days where there is no money."""
        return "net" if "amount" in self.has else "order_day_units"

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

    def known(self, day: int) -> Codes:
        """Codes of the customers with at least one order-day before `day`."""
        return np.flatnonzero(self.first_order_day < day)

    @cached_property
    def _keys(self) -> Ints:
        return self.customer << _DAY_BITS | self.day - _DAY_MIN

    @cached_property
    def _totals(self) -> dict[str, Ints]:
        return {}


_DAY_BITS = 18
_DAY_MIN = -(1 << 15)


def _encode(ids: pd.Series) -> tuple[npt.NDArray[np.object_], Codes]:
    codes, uniques = pd.factorize(ids)
    names = np.asarray(uniques, dtype=object)
    order = np.argsort(names)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return names[order], rank[codes]


class _Lines:
    """Order lines, summed up by row (customer and day)."""

    def __init__(self, orders: pd.DataFrame, day: Ints, row: Codes, rows: int, has: frozenset[str]) -> None:
        self.orders, self.day, self.row, self.rows, self.has = orders, day, row, rows, has
        self.is_return = orders["is_return"].to_numpy(dtype=bool)
        self.bought = ~self.is_return
        self._known_codes: dict[str, Codes] = {}

    def measures(self) -> dict[str, Ints]:
        columns = {
            "lines": self._count(self.bought),
            "return_lines": self._count(self.is_return),
            "orders": self._orders(),
        }
        if "amount" in self.has:
            columns |= self._money()
        if "quantity" in self.has:
            columns["units"] = self._sum(self._fixed("quantity"), self.bought)
        if "discount" in self.has:
            columns["discount"] = self._sum(self._fixed("discount"), self.bought)
        if "unit_price" in self.has:
            columns |= self._prices()
        columns["order_day"] = self._order_days(columns)
        columns["order_day_units"] = columns["order_day"] * 1_000_000
        return columns

    def items(self, name: str, row_customer: Codes) -> Items:
        codes = self._codes(name)
        kept = self.bought & (codes >= 0)
        return group_items(self.row[kept], codes[kept], row_customer)

    def _codes(self, name: str) -> Codes:
        if name not in self._known_codes:
            self._known_codes[name] = pd.factorize(self.orders[name])[0].astype(np.int64)
        return self._known_codes[name]

    def _fixed(self, name: str) -> Ints:
        return to_fixed(self.orders[name].to_numpy(dtype=np.float64), name)

    def _sum(self, values: Ints, where: npt.NDArray[np.bool_]) -> Ints:
        total = np.zeros(self.rows, dtype=np.int64)
        np.add.at(total, self.row[where], values[where])
        return total

    def _count(self, where: npt.NDArray[np.bool_]) -> Ints:
        return np.bincount(self.row[where], minlength=self.rows).astype(np.int64)

    def _money(self) -> dict[str, Ints]:
        amount = self._fixed("amount")
        gross, returned = self._sum(amount, self.bought), -self._sum(amount, self.is_return)
        return {"gross": gross, "returned": returned, "net": gross - returned}

    def _orders(self) -> Ints:
        codes = self._codes("ordered_at")
        if "order_id" in self.has:
            named = self._codes("order_id")
            codes = np.where(named >= 0, named + len(codes), codes)
        rows, _ = distinct_pairs(self.row[self.bought], codes[self.bought])
        return np.bincount(rows, minlength=self.rows).astype(np.int64)

    def _prices(self) -> dict[str, Ints]:
        prices = self.orders["unit_price"].to_numpy(dtype=np.float64)
        priced = self.bought & (prices > 0)
        columns = {"price": self._sum(self._fixed("unit_price"), priced), "priced_lines": self._count(priced)}
        if "product_id" in self.has:
            product = np.where(priced, self._codes("product_id"), -1)
            relative, comparable = relative_prices(product, self.day, prices)
            columns["relative_price"] = self._sum(to_fixed(relative, "relative price"), comparable)
            columns["comparable_lines"] = self._count(comparable)
            columns["cheap_lines"] = self._count(comparable & (relative < np.log(0.9)))
        return columns

    def _order_days(self, columns: dict[str, Ints]) -> Ints:
        """Days with a purchase, without those whose returns take back exactly what was bought that day."""
        cancelled = np.zeros(self.rows, dtype=bool)
        if "amount" in self.has:
            cancelled = (columns["return_lines"] > 0) & (columns["gross"] > 0) & (columns["net"] == 0)
        return ((columns["lines"] > 0) & ~cancelled).astype(np.int64)


def _rhythm(customer: Codes, day: Days, order_day: Ints) -> dict[str, Ints]:
    """Gap in days from the order-day before, at each order-day but the first; zero elsewhere."""
    rows = np.flatnonzero(order_day)
    gap = np.zeros(len(day), dtype=np.int64)
    same = np.flatnonzero(customer[rows[1:]] == customer[rows[:-1]])
    gap[rows[1:][same]] = day[rows[1:][same]] - day[rows[:-1][same]]
    log_gap = np.log(np.maximum(gap, 1))
    weekend = (day.astype(np.int64) + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    return {
        "gap": gap,
        "gap_squared": gap * gap,
        "log_gap": np.rint(log_gap * 1e9).astype(np.int64),
        "weekend": order_day * weekend,
    }
