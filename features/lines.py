"""Order lines summed up: from lines to one value for each customer and day."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.fixed import UNIT, Ints, to_fixed
from features.items import Items, distinct_pairs, group_items
from features.prices import is_cheap, relative_prices

Booleans = npt.NDArray[np.bool_]

OPTIONAL = ("order_id", "product_id", "category", "quantity", "unit_price", "amount", "discount")
"""Order columns that features can do without."""


class Lines:
    """Order lines and the row (customer and day) that each belongs to.

    Args:
        orders: clean orders.
        day: day number of each line, shape (lines,).
        row: row of each line, shape (lines,).
        rows: number of rows.
    """

    def __init__(self, orders: pd.DataFrame, day: Ints, row: Ints, rows: int) -> None:
        self._orders, self._day, self._row, self._rows = orders, day, row, rows
        self._returned = orders["is_return"].to_numpy(dtype=bool)
        self._bought = ~self._returned
        self._known_codes: dict[str, Ints] = {}
        self.has = frozenset(name for name in OPTIONAL if name in orders and orders[name].notna().any())

    def measures(self) -> dict[str, Ints]:
        """Every measure by name, each of shape (rows,); money, units and log ratios in millionths."""
        columns = {
            "lines": self._count(self._bought),
            "return_lines": self._count(self._returned),
            "orders": self._orders_placed(),
        }
        if "amount" in self.has:
            columns |= self._money()
        for name, measure in (("quantity", "units"), ("discount", "discount")):
            if name in self.has:
                columns[measure] = self._sum(self._fixed(name), self._bought)
        if "unit_price" in self.has:
            columns |= self._prices()
        return columns | _order_days(columns)

    def items(self, name: str, row_customer: Ints) -> Items:
        """What was bought by row, from the column `product_id` or `category`."""
        codes = self._codes(name)
        kept = self._bought & (codes >= 0)
        return group_items(self._row[kept], codes[kept], row_customer)

    def _codes(self, name: str) -> Ints:
        if name not in self._known_codes:
            self._known_codes[name] = pd.factorize(self._orders[name])[0].astype(np.int64)
        return self._known_codes[name]

    def _numbers(self, name: str) -> npt.NDArray[np.float64]:
        return self._orders[name].to_numpy(dtype=np.float64)

    def _fixed(self, name: str) -> Ints:
        return to_fixed(self._numbers(name), name)

    def _sum(self, values: Ints, where: Booleans) -> Ints:
        total = np.zeros(self._rows, dtype=np.int64)
        np.add.at(total, self._row[where], values[where])
        return total

    def _count(self, where: Booleans) -> Ints:
        return np.bincount(self._row[where], minlength=self._rows).astype(np.int64)

    def _money(self) -> dict[str, Ints]:
        amount = self._fixed("amount")
        gross, returned = self._sum(amount, self._bought), -self._sum(amount, self._returned)
        return {"gross": gross, "returned": returned, "net": gross - returned}

    def _orders_placed(self) -> Ints:
        """Different order ids of each row; purchase lines without one make an order if their time is the same."""
        codes = self._codes("ordered_at")
        if "order_id" in self.has:
            named = self._codes("order_id")
            codes = np.where(named >= 0, named + len(codes), codes)
        rows, _ = distinct_pairs(self._row[self._bought], codes[self._bought])
        return np.bincount(rows, minlength=self._rows).astype(np.int64)

    def _prices(self) -> dict[str, Ints]:
        prices = self._numbers("unit_price")
        priced = self._bought & (prices > 0)
        columns = {"price": self._sum(self._fixed("unit_price"), priced), "priced_lines": self._count(priced)}
        if "product_id" in self.has:
            product = np.where(priced, self._codes("product_id"), -1)
            relative, comparable = relative_prices(product, self._day, prices)
            columns["relative_price"] = self._sum(relative, comparable)
            columns["comparable_lines"] = self._count(comparable)
            columns["cheap_lines"] = self._count(comparable & is_cheap(relative))
        return columns


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
