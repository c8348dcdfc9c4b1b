"""What was paid for a piece in each line of a log, and what the product usually cost."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from features.clock import Days
from features.fixed import Floats, Ints, demand_summable
from features.history.prices import UsualPrices, is_cheap
from features.history.since import days_of
from features.history.sorted_lines import Sorted
from features.history.sums import count_where, sum_numbers
from features.orders.log import OrderLog


def usual_prices(log: OrderLog) -> UsualPrices:
    """What was paid for each product on each day."""
    return UsualPrices.of(log.text_of("product_id"), days_of(log), paid_in(log))


@dataclass(frozen=True)
class Prices:
    """What was paid in each line of a log.

    Attributes:
        paid: unit price of each purchase line where it is above zero, NaN elsewhere.
        relative: see `UsualPrices.relative`; None where the log tells no products.
    """

    paid: Floats
    relative: Floats | None

    @classmethod
    def of(cls, log: OrderLog, day: Days, usual: UsualPrices | None, relative: bool) -> Self:
        """Arguments as in `Lines.of`; `relative` says whether products are told.

        Raises:
            DataError: the prices are too large to be summed.
        """
        paid = paid_in(log)
        demand_summable(paid, "unit_price")
        if not relative:
            return cls(paid, None)
        product = log.text_of("product_id")
        return cls(paid, (usual or UsualPrices.of(product, day, paid)).relative(product, day, paid))

    def summed(self, lines: Sorted) -> dict[str, Ints]:
        """Prices of each row."""
        paid, first = lines.of(self.paid), lines.first
        columns = {"price": sum_numbers(paid, first), "priced_lines": count_where(paid > 0, first)}
        if self.relative is None:
            return columns
        relative = lines.of(self.relative)
        return columns | {
            "relative_price": sum_numbers(relative, first),
            "comparable_lines": count_where(~np.isnan(relative), first),
            "cheap_lines": count_where(is_cheap(relative), first),
        }


def paid_in(log: OrderLog) -> Floats:
    """Unit price of each purchase line where it is above zero, NaN elsewhere."""
    price = log.numbers_of("unit_price")
    return np.where(~log.is_return & (price > 0), price, np.nan)
