"""Order lines summed up: from lines to one value for each customer and day."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.clock import Days
from features.fixed import UNIT, Floats, Ints, demand_summable, running
from features.history.dealing import Places, gather
from features.history.items import Items, group_items
from features.history.prices import UsualPrices, is_cheap
from features.history.sums import count_if_one, count_orders, count_where, first_held, lines_of, sum_numbers
from features.orders.log import OrderLog
from features.orders.words import Words

Booleans = npt.NDArray[np.bool_]

OPTIONAL = ("order_id", "product_id", "category", "quantity", "unit_price", "amount", "discount")
"""Order columns that features can do without."""


def days_of(log: OrderLog) -> Days:
    """Day number of each line."""
    return (log.ordered_at.view(np.int64) // _DAY).astype(np.int32)


def first_days(log: OrderLog) -> dict[str, int]:
    """First day on which each optional column holds a value."""
    moment = log.ordered_at.view(np.int64)
    firsts = {name: first_held(moment, column.codes >= 0) for name, column in log.text.items()}
    firsts |= {name: first_held(moment, ~np.isnan(column)) for name, column in log.numbers.items()}
    return {name: firsts[name] // _DAY for name in OPTIONAL if name in firsts}


def usual_prices(log: OrderLog) -> UsualPrices:
    """What was paid for each product on each day."""
    return UsualPrices.of(log.text_of("product_id"), days_of(log), _paid(log))


@dataclass(frozen=True)
class Sorted:
    """Some lines of a log by customer and time, in rows of a customer and day.

    Attributes:
        order: position of each line in the log, shape (lines,).
        first: place in `order` at which each row begins, shape (rows + 1,).
    """

    order: Places
    first: Ints

    def parted(self, mask: Booleans) -> tuple["Sorted", "Sorted"]:
        """The lines where a mask over the log is true, and the others."""
        inside = gather(mask, self.order)
        first = running(inside)[self.first]
        return Sorted(self.order[inside], first), Sorted(self.order[~inside], self.first - first)

    def sum(self, values: Floats, what: str) -> Ints:
        """Sum of each row in millionths, shape (rows,); `values` are those of all lines of the log.

        Raises:
            DataError: see `demand_summable`.
        """
        demand_summable(values, what)
        return sum_numbers(gather(values, self.order), self.first)

    def count(self, mask: Booleans) -> Ints:
        """Lines of each row where a mask over the log is true, shape (rows,)."""
        return count_where(gather(mask, self.order), self.first)


class Lines:
    """Order lines in rows of a customer and day.

    Args:
        log: clean orders.
        day: day number of each line.
        lines: all lines, sorted.
        has: optional columns to sum up; one that the log lacks holds nothing.
    """

    def __init__(self, log: OrderLog, day: Days, lines: Sorted, has: frozenset[str]) -> None:
        self._log, self._day, self._has = log, day, has
        self._returned, self._bought = lines.parted(log.is_return)

    def measures(self, usual: UsualPrices | None) -> dict[str, Ints]:
        """Every measure by name, each of shape (rows,); money, units and log ratios in millionths.

        Args:
            usual: what was paid for the products by all customers; None takes these lines.
        """
        columns = {
            "lines": np.diff(self._bought.first),
            "return_lines": np.diff(self._returned.first),
            "orders": self._orders_placed(),
        }
        if "amount" in self._has:
            columns |= self._money()
        for name, measure in (("quantity", "units"), ("discount", "discount")):
            if name in self._has:
                columns[measure] = self._bought.sum(self._log.numbers_of(name), name)
        if "unit_price" in self._has:
            columns |= self._prices(usual)
        return columns | _order_days(columns)

    def items(self, name: str, starts: Ints) -> Items:
        """What was bought by row, from the column `product_id` or `category`; `starts` as in `History`."""
        return group_items(self._codes(name), self._bought.first, starts)

    def _codes(self, name: str) -> Places:
        return gather(self._log.text_of(name).codes, self._bought.order)

    def _money(self) -> dict[str, Ints]:
        amount = self._log.numbers_of("amount")
        gross, returned = self._bought.sum(amount, "amount"), -self._returned.sum(amount, "amount")
        return {"gross": gross, "returned": returned, "net": gross - returned}

    def _orders_placed(self) -> Ints:
        """Different order ids of each row; purchase lines without one make an order if their time is the same."""
        placed, doubtful = count_if_one(self._codes("order_id"), self._bought.first)
        lines, first = lines_of(doubtful, self._bought.first)
        order = self._bought.order[lines]
        moment = gather(self._log.ordered_at.view(np.int64), order)
        placed[doubtful] = count_orders(self._distinct_orders(order), moment, first)
        return placed

    def _distinct_orders(self, lines: Places) -> Places:
        """A code for each order id of these lines, -1 where there is none; those of the log may differ for one id."""
        ids = self._log.text_of("order_id")
        codes = gather(ids.codes, lines)
        told = np.flatnonzero(codes >= 0)
        codes[told] = Words().codes(ids.words.take(pa.array(codes[told])))
        return codes

    def _prices(self, usual: UsualPrices | None) -> dict[str, Ints]:
        paid, lines = _paid(self._log), self._bought
        columns = {"price": lines.sum(paid, "unit_price"), "priced_lines": lines.count(paid > 0)}
        if "product_id" in self._has:
            product = self._log.text_of("product_id")
            known = usual or UsualPrices.of(product, self._day, paid)
            relative = known.relative(product, self._day, paid)
            columns["relative_price"] = lines.sum(relative, "relative price")
            columns["comparable_lines"] = lines.count(~np.isnan(relative))
            columns["cheap_lines"] = lines.count(is_cheap(relative))
        return columns


_DAY = 24 * 60 * 60 * 1_000_000


def _paid(log: OrderLog) -> Floats:
    """Unit price of each purchase line where it is above zero, NaN elsewhere."""
    price = log.numbers_of("unit_price")
    return np.where(~log.is_return & (price > 0), price, np.nan)


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
