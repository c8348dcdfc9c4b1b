"""From raw rows to clean orders: every row is either kept, or set aside with its reasons."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import pandas as pd

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError
from features.orders.coded import Mask
from features.orders.contract import REQUIRED
from features.orders.limits import limits
from features.orders.log import OrderLog
from features.orders.parse import Parsed, parse
from features.orders.quarantine import set_aside
from features.orders.refusal import refuse_if_too_bad
from features.orders.report import InputReport, report
from features.orders.rules import judge
from features.orders.sources import Source, read_orders


@dataclass(frozen=True)
class CleanOrders:
    """Orders fit for use, and the rest.

    `log` holds the good lines in input order. `quarantine` holds the other rows as
    text, after `row` (position in the input, from 0) and `reason`.
    """

    log: OrderLog
    quarantine: pd.DataFrame
    report: InputReport

    @cached_property
    def orders(self) -> pd.DataFrame:
        """The log as a pandas frame, made when first asked for.

        Canonical columns and types, without the optional columns that hold nothing;
        `is_return` is always there.
        """
        return self.log.frame()


def load_orders(source: Source, orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None) -> CleanOrders:
    """Read `source` and clean it: `read_orders`, then `clean_orders`. Raises what they raise."""
    return clean_orders(read_orders(source, orders), orders, clock, now)


def clean_orders(
    raw: pd.DataFrame, orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None
) -> CleanOrders:
    """Parse and judge the raw rows of `read_orders`; `raw` is left as it is.

    Times become naive local time of `clock.timezone`; a missing `amount` becomes
    quantity times price; where `is_return` does not tell, a negative amount or
    quantity does. `now` (default: the wall clock) decides what lies in the future.

    Raises `DataError` if there are no rows, if too many are bad for what `orders`
    allows, or if none is left; `UsageError` for a configuration that cannot be right.
    """
    if raw.empty:
        raise DataError("there are no orders: the input has no rows", remedy="check the export, or the file name")
    if lacking := [name for name in REQUIRED if name not in raw]:
        raise DataError(
            "required columns are missing", got=list(raw.columns), allowed=lacking, remedy="see read_orders"
        )
    parsed = parse(raw, orders, clock, limits(orders, clock, now))
    broken = judge(parsed)
    bad = np.any([*broken.values()], axis=0) if broken else np.zeros(len(raw), bool)
    if broken:
        refuse_if_too_bad(raw, broken, bad, orders)
    kept = parsed.kept(~bad) if broken else parsed
    returns = _returns(kept)
    log = OrderLog(kept.text, kept.numbers, kept.ordered_at, returns)
    return CleanOrders(log, set_aside(raw, broken, bad), report(kept, returns, broken, bad))


def _returns(kept: Parsed) -> Mask:
    negative = np.zeros(len(kept.ordered_at), bool)
    for name in ("amount", "quantity"):
        if name in kept.numbers:
            negative |= kept.numbers[name] < 0
    return negative if kept.is_return is None else np.where(kept.is_return < 0, negative, kept.is_return == 1)
