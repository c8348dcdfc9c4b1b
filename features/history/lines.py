"""Order lines summed up: from lines to one value for each customer and day."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pyarrow as pa

from features.clock import Days
from features.fixed import Floats, Ints, demand_summable
from features.history.dealing import Places, gather
from features.history.items import Items, group_items
from features.history.measures import kind_of
from features.history.paid import Prices
from features.history.prices import UsualPrices
from features.history.sorted_lines import Sorted
from features.history.sums import count_if_one, count_orders, lines_of
from features.orders.coded import Coded
from features.orders.log import OrderLog
from features.orders.words import Words

BLOCK = 1 << 15
"""Rows that are summed up at a time."""


@dataclass(frozen=True)
class Lines:
    """Order lines in rows of a customer and day.

    Attributes:
        bought: the purchase lines.
        returned: the other lines.
        moment: time of each line of the log, in microseconds.
        order_id: order of each line of the log.
        numbers: amounts, quantities and discounts of each line of the log, where they are to be summed up.
        prices: what was paid in each line of the log, likewise.
    """

    bought: Sorted
    returned: Sorted
    moment: Ints
    order_id: Coded
    numbers: dict[str, Floats]
    prices: Prices | None

    @classmethod
    def of(cls, log: OrderLog, day: Days, lines: Sorted, has: frozenset[str], usual: UsualPrices | None) -> Self:
        """All lines of a log.

        Args:
            log: clean orders.
            day: day number of each line.
            lines: all lines, sorted.
            has: optional columns to sum up; one that the log lacks holds nothing.
            usual: what was paid for the products by all customers; None takes these lines.

        Raises:
            DataError: a column is too large to be summed, see `demand_summable`.
        """
        numbers = {name: log.numbers_of(name) for name in sorted(has & {"amount", "quantity", "discount"})}
        for name, values in numbers.items():
            demand_summable(values, name)
        prices = Prices.of(log, day, usual, relative="product_id" in has) if "unit_price" in has else None
        returned, bought = lines.parted(log.is_return)
        return cls(bought, returned, log.ordered_at.view(np.int64), log.text_of("order_id"), numbers, prices)

    def measures(self) -> dict[str, np.ndarray]:
        """What is kept of each row (see `features.history.measures`), each of shape (rows,).

        Summed up by blocks of rows, so that what is put in line for that stays in a core's cache.
        """
        rows = len(self.bought.first) - 1
        columns: dict[str, np.ndarray] = {}
        for begin in range(0, rows, BLOCK):
            end = min(begin + BLOCK, rows)
            for name, block in self._rows(begin, end)._summed().items():
                if name not in columns:
                    columns[name] = np.empty(rows, kind_of(name))
                columns[name][begin:end] = block
        return columns

    def items(self, item: Places, starts: Ints) -> Items:
        """What was bought by row, from the item of each line of the log; `starts` as in `History`."""
        return group_items(self.bought.of(item), self.bought.first, starts)

    def _rows(self, begin: int, end: int) -> "Lines":
        return replace(self, bought=self.bought.rows(begin, end), returned=self.returned.rows(begin, end))

    def _summed(self) -> dict[str, Ints]:
        columns = {
            "lines": np.diff(self.bought.first),
            "return_lines": np.diff(self.returned.first),
            "orders": self._orders_placed(),
        }
        if "amount" in self.numbers:
            columns |= self._money()
        for name, measure in (("quantity", "units"), ("discount", "discount")):
            if name in self.numbers:
                columns[measure] = self.bought.sum(self.numbers[name])
        if self.prices:
            columns |= self.prices.summed(self.bought)
        return columns | {"order_day": _order_days(columns)}

    def _money(self) -> dict[str, Ints]:
        amount = self.numbers["amount"]
        gross, returned = self.bought.sum(amount), -self.returned.sum(amount)
        return {"gross": gross, "returned": returned}

    def _orders_placed(self) -> Ints:
        """Different order ids of each row; purchase lines without one make an order if their time is the same."""
        placed, doubtful = count_if_one(self.bought.of(self.order_id.codes), self.bought.first)
        lines, first = lines_of(doubtful, self.bought.first)
        order = self.bought.order[lines]
        placed[doubtful] = count_orders(self._distinct_orders(order), gather(self.moment, order), first)
        return placed

    def _distinct_orders(self, lines: Places) -> Places:
        """A code for each order id of these lines, -1 where there is none; those of the log may differ for one id."""
        codes = gather(self.order_id.codes, lines)
        told = np.flatnonzero(codes >= 0)
        codes[told] = Words().codes(self.order_id.words.take(pa.array(codes[told])))
        return codes


def _order_days(columns: dict[str, Ints]) -> Ints:
    """Whether each row is an order-day, 1 or 0.

    An order-day is a day with a purchase, unless its returns take back exactly
    the money that was spent on it: an order cancelled on the spot is none. In
    another currency a line is a millionth off at most, so that much is no rest.
    """
    bought = columns["lines"] > 0
    if "gross" in columns:
        rest = np.abs(columns["gross"] - columns["returned"]) > columns["lines"] + columns["return_lines"]
        bought &= (columns["return_lines"] == 0) | (columns["gross"] <= 0) | rest
    return bought.astype(np.int64)
