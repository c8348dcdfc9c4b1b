"""Each customer's history as days, and the only door to the past.

Order lines become one row for each customer and day, sorted by customer and
day. A cut-off is a local midnight, so no day lies on both of its sides, and
what happened on a day is known as a whole at every later cut-off.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Self

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd

from features.clock import Days
from features.errors import DataError
from features.fixed import Ints, running
from features.history.dealing import deal_in_time, gather
from features.history.door import rows_before, rows_come
from features.history.items import Items
from features.history.lines import Lines
from features.history.measures import Measures, kind_of
from features.history.prices import UsualPrices
from features.history.shop import ShopDays
from features.history.since import days_of, first_days
from features.history.sorted_lines import Sorted
from features.orders.log import OrderLog
from features.orders.ranking import ranked

if TYPE_CHECKING:
    from features.tables.joined import Joined, Table

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class History:
    """Rows of (customer, day), sorted, with exact totals of each.

    Attributes:
        customers: customer ids in ascending order, shape (customers,).
        starts: row at which each customer's rows begin, shape (customers + 1,).
        customer: code (position in `customers`) of each row.
        day: day number of each row.
        columns: the measures of each row.
        items: what was bought, per column (`product_id`, `category`).
        since: first day on which each optional order column holds a value. In the log
            cut at or before it the column is not there, nor is what is made from it.
        shop: tells what the whole shop did, where these are some of its customers only.
        tables: tables beside the orders, joined to these customers.
    """

    customers: npt.NDArray[np.object_]
    starts: Ints
    customer: Codes
    day: Days
    columns: Measures
    items: dict[str, Items]
    since: dict[str, int]
    shop: Callable[[], ShopDays] | None = None
    tables: "Mapping[str, Joined]" = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        orders: OrderLog | pd.DataFrame,
        *,
        since: dict[str, int] | None = None,
        usual: UsualPrices | None = None,
        shop: Callable[[], ShopDays] | None = None,
    ) -> Self:
        """History of clean orders (canonical columns, see `features.orders`).

        The orders may be those of some customers: with `since`, `usual` and
        `shop` of the whole log each of them has the history it has there.

        Args:
            orders: clean orders.
            since: `first_days` of the whole log; None where this is the whole.
            usual: `usual_prices` of the whole log, likewise.
            shop: gives `shop_days` of the whole log, likewise; called if somebody asks for them.

        Raises:
            DataError: there is no order line at all.
        """
        if not len(orders):
            raise DataError("there are no orders", got="0 lines", allowed="at least one line")
        log = OrderLog.of(orders) if isinstance(orders, pd.DataFrame) else orders
        since = first_days(log) if since is None else since
        ids = log.text["customer_id"]
        customers, place = ranked(ids.words)
        order, line_starts = deal_in_time(place[ids.codes], len(customers), log.ordered_at.view(np.int64))
        line_day = days_of(log)
        first = _row_starts(gather(line_day, order), line_starts)
        starts = np.searchsorted(first, line_starts)
        customer, day = np.repeat(np.arange(len(customers)), np.diff(starts)), line_day[order[first[:-1]]]
        lines = Lines.of(log, line_day, Sorted(order, first), frozenset(since), usual)
        columns = lines.measures()
        kinds: list[str] = [name for name in ("product_id", "category") if name in since]
        items = {kind: lines.items(log.text_of(kind).codes, starts) for kind in kinds}
        del lines, line_day, order, first  # a fifth of all that is held here, and not needed for what comes
        columns |= _rhythm(starts, day, columns["order_day"])
        names = customers.to_numpy(zero_copy_only=False)
        return cls(names, starts, customer, day, Measures(columns), items, since, shop)

    def joined(self, tables: "Mapping[str, Table]") -> Self:
        """This history with tables beside the orders, found by customer id."""
        return replace(self, tables={name: table.joined(self.customers) for name, table in tables.items()})

    def table(self, name: str) -> "Joined":
        """A table beside the orders.

        Raises:
            DataError: it is not joined to them.
        """
        if name not in self.tables:
            raise DataError(
                f"the table '{name}' is not beside the orders",
                got=f"tables {', '.join(self.tables) or 'none'}",
                remedy="give it where the orders are given",
            )
        return self.tables[name]

    @property
    def has(self) -> frozenset[str]:
        """Optional order columns that hold something."""
        return frozenset(self.since)

    @cached_property
    def shop_days(self) -> ShopDays:
        """What the whole shop did on each day."""
        if self.shop is not None:
            return self.shop()
        return ShopDays.of(self.day[self.columns["order_day"] > 0], self.first_order_day)

    def part(self, begin: int, end: int) -> Self:
        """The history of the customers of the codes `begin` to `end - 1`, which count from 0 there.

        Its columns are slices of these; what is worked out from them, such as
        running totals, is small enough for a core's cache where the part is.
        """
        first, last = self.starts[begin], self.starts[end]
        return replace(
            self,
            customers=self.customers[begin:end],
            starts=self.starts[begin : end + 1] - first,
            customer=self.customer[first:last] - begin,
            day=self.day[first:last],
            columns=self.columns.at(slice(first, last)),
            items={name: items.part(first, last) for name, items in self.items.items()},
            shop=lambda: self.shop_days,
            tables={name: table.part(begin, end) for name, table in self.tables.items()},
        )

    def only(self, customers: Codes) -> Self:
        """The history of some customers, without what they bought (`items`)."""
        kept = np.unique(customers)
        rows = np.flatnonzero(np.isin(self.customer, kept))
        customer = np.searchsorted(kept, self.customer[rows])
        starts = np.searchsorted(customer, np.arange(len(kept) + 1))
        columns, day = self.columns.at(rows), self.day[rows]
        return type(self)(self.customers[kept], starts, customer, day, columns, {}, self.since, self.shop)

    def before(self, customer: Codes, day: npt.ArrayLike) -> Ints:
        """First row of each customer that is not before `day`: the only door to the past.

        Rows `starts[c] .. before(c, t) - 1` are the history of customer `c` at
        cut-off `t`, since history is `ordered_at < t`.
        """
        until = np.broadcast_to(np.asarray(day, dtype=np.int64), customer.shape)
        rows = np.empty(len(customer), dtype=np.int64)
        rows_before(self.starts, self.day, customer, until, rows)
        return rows

    def steps_before(self, snapshots: tuple[Codes, Ints, Ints], ago: int) -> tuple[Ints, Ints]:
        """Where `before` so many days ago finds another row than at the place before, and which (see `rows_come`)."""
        place, row = (np.empty(len(snapshots[0]) + 1, dtype=np.int64) for _ in range(2))
        steps = rows_come(self.starts, self.day, snapshots, ago, (place, row))
        return place[: steps + 1].copy(), row[:steps].copy()

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
        if measure not in self._totals:
            self._totals[measure] = running(self.columns[measure])
        return self._totals[measure]

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
    def _totals(self) -> dict[str, Ints]:
        return {}


def _row_starts(day: Days, line_starts: Ints) -> Ints:
    """Place of the first line of each customer and day, and the number of lines."""
    new = np.append(True, day[1:] != day[:-1])
    new[line_starts[:-1]] = True
    return np.append(np.flatnonzero(new), len(day))


def _rhythm(starts: Ints, day: Days, order_day: np.ndarray) -> dict[str, np.ndarray]:
    """Gap in days from the order-day before, at each order-day but the first; order-days at weekends; else zero."""
    gap = np.zeros(len(day), dtype=kind_of("gap"))
    _set_gaps(starts, day, order_day, gap)
    weekend = (day + 3) % 7 >= 5  # 1970-01-01 was a Thursday
    return {"gap": gap, "weekend": order_day * weekend}


@numba.njit(cache=True, nogil=True)
def _set_gaps(starts: Ints, day: Days, order_day: np.ndarray, gap: np.ndarray) -> None:
    for customer in range(len(starts) - 1):
        latest = -1
        for row in range(starts[customer], starts[customer + 1]):
            if order_day[row]:
                gap[row] = day[row] - day[latest] if latest >= 0 else 0
                latest = row
