"""On which days the lines of a log lie, and since when each of its columns holds something."""

import numpy as np

from features.clock import Days
from features.history.sums import first_held
from features.orders.log import OrderLog

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


_DAY = 24 * 60 * 60 * 1_000_000
