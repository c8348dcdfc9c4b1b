"""The leak zoo: a leak as people really write it, beside the clean way to do the same.

`assert_point_in_time` runs a pipeline on the log as it was at a cut-off, and on
logs with another future. Where the clean way looks at the whole shop on purpose,
that is said (`shop=True`), so that only time is judged.
"""

from collections.abc import Callable
from dataclasses import dataclass

import leak_shop
import pandas as pd
import pytest

from features.errors import LeakError
from features.laws import assert_point_in_time

Orders = pd.DataFrame
Pipeline = Callable[..., pd.DataFrame]


@dataclass(frozen=True)
class Leak:
    """A leak, its clean twin, the column the guard names, and whether the shop is looked at on purpose."""

    leaky: Pipeline | str
    clean: Pipeline | str
    column: str
    shop: bool = False

    def __str__(self) -> str:
        return getattr(self.leaky, "__name__", "sql")


def must_be_caught(leak: Leak, orders: Orders, tables: dict[str, pd.DataFrame] | None = None) -> None:
    """The leak breaks a law about the future, and the error names the column."""
    with pytest.raises(LeakError, match=rf"(?s)\b({leak.column})\b.*(no future|whatever the future)"):
        assert_point_in_time(leak.leaky, orders, leak_shop.CUTOFFS[-1:], tables, leak.shop)


def must_pass(leak: Leak, orders: Orders, tables: dict[str, pd.DataFrame] | None = None) -> None:
    """The clean twin keeps all laws."""
    assert_point_in_time(leak.clean, orders, leak_shop.CUTOFFS, tables, leak.shop)


def before(orders: Orders, cutoff: pd.Timestamp) -> Orders:
    """The order lines before a cut-off."""
    return orders[orders["ordered_at"] < cutoff]


def by_customer(orders: Orders) -> pd.api.typing.DataFrameGroupBy:
    """Order lines, customer by customer."""
    return orders.groupby("customer_id")
