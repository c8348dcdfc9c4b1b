"""Order lines summed up: from lines to one value for each customer and day."""

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.clock import Days
from features.dealing import Places, sum_runs
from features.fixed import UNIT, Floats, Ints, to_fixed
from features.items import Items, group_items
from features.orders.coded import Coded
from features.orders.log import OrderLog
from features.prices import UsualPrices, is_cheap, relative_prices

Booleans = npt.NDArray[np.bool_]

OPTIONAL = ("order_id", "product_id", "category", "quantity", "unit_price", "amount", "discount")
"""Order columns that features can do without."""


def days_of(log: OrderLog) -> Days:
    """Day number of each line."""
    return (log.ordered_at.view(np.int64) // _DAY).astype(np.int32)


def first_days(log: OrderLog) -> dict[str, int]:
    """First day on which each optional column holds a value."""
    day = days_of(log)
    found = {name: column.codes >= 0 for name, column in log.text.items()}
    found |= {name: ~np.isnan(column) for name, column in log.numbers.items()}
    return {name: int(day[found[name]].min()) for name in OPTIONAL if name in found}


def usual_prices(log: OrderLog) -> UsualPrices:
    """What was paid for each product on each day."""
    return UsualPrices.of(_product(log), days_of(log), _paid(log))


class Lines:
    """Order lines sorted by customer and time, in rows of a customer and day.

    Args:
        log: clean orders.
        order: the lines by customer and time, shape (lines,).
        first: place in `order` at which each row begins, shape (rows + 1,).
        has: optional columns to sum up; one that the log lacks holds nothing.
    """

    def __init__(self, log: OrderLog, order: Places, first: Ints, has: frozenset[str]) -> None:
        self._log, self._order, self._first, self._has = log, order, first, has
        self._returned = log.is_return[order]
        self._bought = ~self._returned

    def measures(self, usual: UsualPrices | None) -> dict[str, Ints]:
        """Every measure by name, each of shape (rows,); money, units and log ratios in millionths.

        Args:
            usual: what was paid for the products by all customers; None takes these lines.
        """
        columns = {
            "lines": self._count(self._bought),
            "return_lines": self._count(self._returned),
            "orders": self._orders_placed(),
        }
        if "amount" in self._has:
            columns |= self._money()
        for name, measure in (("quantity", "units"), ("discount", "discount")):
            if name in self._has:
                columns[measure] = self._sum(self._fixed(name), self._bought)
        if "unit_price" in self._has:
            columns |= self._prices(usual)
        return columns | _order_days(columns)

    def items(self, name: str, starts: Ints) -> Items:
        """What was bought by row, from the column `product_id` or `category`; `starts` as in `History`."""
        return group_items(np.where(self._bought, self._codes(name), np.int32(-1)), self._first, starts)

    def _codes(self, name: str) -> Places:
        return _text(self._log, name).codes[self._order]

    def _numbers(self, name: str) -> Floats:
        return _number(self._log, name)[self._order]

    def _fixed(self, name: str) -> Ints:
        return to_fixed(self._numbers(name), name)

    def _sum(self, values: Ints, where: Booleans) -> Ints:
        return sum_runs(np.where(where, values, 0), self._first[:-1])

    def _count(self, where: Booleans) -> Ints:
        return sum_runs(where, self._first[:-1])

    def _money(self) -> dict[str, Ints]:
        amount = self._fixed("amount")
        gross, returned = self._sum(amount, self._bought), -self._sum(amount, self._returned)
        return {"gross": gross, "returned": returned, "net": gross - returned}

    def _orders_placed(self) -> Ints:
        """Different order ids of each row; purchase lines without one make an order if their time is the same."""
        orders = np.zeros(len(self._first) - 1, dtype=np.int64)
        codes = self._codes("order_id")
        latest = np.full(int(codes.max(initial=0)) + 1, -1)
        moment = self._log.ordered_at.view(np.int64)[self._order]
        _count_orders((self._bought, codes, moment), self._first, latest, orders)
        return orders

    def _prices(self, usual: UsualPrices | None) -> dict[str, Ints]:
        price = self._numbers("unit_price")
        priced = self._bought & (price > 0)
        columns = {"price": self._sum(to_fixed(price, "unit_price"), priced), "priced_lines": self._count(priced)}
        if "product_id" in self._has:
            known = usual or usual_prices(self._log)
            earlier = known.before(_product(self._log), days_of(self._log))
            relative, comparable = relative_prices(_paid(self._log), earlier)
            columns["relative_price"] = self._sum(relative[self._order], comparable[self._order])
            columns["comparable_lines"] = self._count(comparable[self._order])
            columns["cheap_lines"] = self._count((comparable & is_cheap(relative))[self._order])
        return columns


_DAY = 24 * 60 * 60 * 1_000_000


def _text(log: OrderLog, name: str) -> Coded:
    empty = Coded(np.broadcast_to(np.int32(-1), len(log)), pa.array([], pa.large_string()))
    return log.text.get(name, empty)


def _number(log: OrderLog, name: str) -> Floats:
    return log.numbers.get(name, np.broadcast_to(np.nan, len(log)))


def _product(log: OrderLog) -> Coded:
    return _text(log, "product_id")


def _paid(log: OrderLog) -> Floats:
    """Unit price of each purchase line; NaN of a return."""
    return np.where(log.is_return, np.nan, _number(log, "unit_price"))


@numba.njit(cache=True, nogil=True)
def _count_orders(lines: tuple[Booleans, Places, Ints], first: Ints, latest: Ints, orders: Ints) -> None:
    """An order id counts where its latest row is another one; a time, where the line before it has another."""
    bought, codes, moments = lines
    for row in range(len(orders)):
        moment = np.iinfo(np.int64).min
        for line in range(first[row], first[row + 1]):
            code = codes[line]
            if not bought[line] or (code >= 0 and latest[code] == row) or (code < 0 and moments[line] == moment):
                continue
            orders[row] += 1
            if code >= 0:
                latest[code] = row
            else:
                moment = moments[line]


def _order_days(columns: dict[str, Ints]) -> dict[str, Ints]:
    """Order-days, and what was bought on them.

    An order-day is a day with a purchase, unless its returns take back exactly
    the money that was spent on it: an order cancelled on the spot is none. In
    another currency a line is a millionth off at most, so that much is no rest.
    """
    bought = columns["lines"] > 0
    if "net" in columns:
        rest = np.abs(columns["net"]) > columns["lines"] + columns["return_lines"]
        bought &= (columns["return_lines"] == 0) | (columns["gross"] <= 0) | rest
    order_day = bought.astype(np.int64)
    found = {"order_day": order_day, "order_day_units": order_day * UNIT, "basket": order_day * columns["lines"]}
    return found | ({"value": order_day * columns["gross"]} if "gross" in columns else {})
