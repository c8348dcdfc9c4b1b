"""Raw rows to typed columns, without loss: what cannot be read is marked, not guessed."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.config import ClockConfig, OrdersConfig
from features.fixed import Floats
from features.orders.arrow import to_arrow
from features.orders.coded import Coded, Mask, encode
from features.orders.contract import named
from features.orders.flags import NOT_A_FLAG, parse_flags
from features.orders.limits import Limits, time_zone
from features.orders.numbers import NOT_A_NUMBER, parse_numbers
from features.orders.times import Times, parse_times


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parsed columns of all rows. Optional columns that are wholly null are left out.

    `is_return` is 1, 0 or -1 (not told). `faults` holds, for (column, reason), the
    rows whose raw value could not be turned into what the column holds. `computed`
    marks the amounts that were filled in from quantity and price, if any were.
    """

    text: dict[str, Coded]
    numbers: dict[str, Floats]
    ordered_at: Times
    is_return: npt.NDArray[np.int8] | None
    faults: dict[tuple[str, str], Mask]
    limits: Limits
    computed: Mask | None = None

    def kept(self, keep: Mask) -> "Parsed":
        """The rows where `keep`; a column without a value left in them is dropped."""
        text = {name: column.rows(keep) for name, column in self.text.items()}
        numbers = {name: column[keep] for name, column in self.numbers.items()}
        return replace(
            self,
            text={name: column for name, column in text.items() if len(column.words)},
            numbers={name: column for name, column in numbers.items() if not np.isnan(column).all()},
            ordered_at=self.ordered_at[keep],
            is_return=None if self.is_return is None else self.is_return[keep],
            faults={},
            computed=None if self.computed is None else self.computed[keep],
        )


def parse(raw: pd.DataFrame, orders: OrdersConfig, clock: ClockConfig, within: Limits) -> Parsed:
    """Parse every column of `raw` (canonical names). Raises `DataError` where a column's type is of no use."""
    columns = {str(name): to_arrow(raw[name]) for name in raw.columns}
    faults: dict[tuple[str, str], Mask] = {}
    times, time_faults = parse_times(columns["ordered_at"], orders.date_format, time_zone(clock))
    faults |= {("ordered_at", reason): mask for reason, mask in time_faults.items()}
    numbers = {}
    for name in (name for name in named("number") if name in columns):
        numbers[name], unread = parse_numbers(name, columns[name])
        faults[name, NOT_A_NUMBER] = unread
    returns = None
    if "is_return" in columns:
        returns, faults["is_return", NOT_A_FLAG] = parse_flags(columns["is_return"])
    text = {name: encode(name, columns[name]) for name in named("text") if name in columns}
    parsed = Parsed(
        text={name: column for name, column in text.items() if len(column.words) or name == "customer_id"},
        numbers={name: column for name, column in numbers.items() if _filled(column, faults[name, NOT_A_NUMBER])},
        ordered_at=times,
        is_return=returns,
        faults={key: mask for key, mask in faults.items() if mask.any()},
        limits=within,
    )
    return _with_amount(parsed)


def _filled(values: Floats, unread: Mask) -> bool:
    return bool((~np.isnan(values)).any() or unread.any())


def _with_amount(parsed: Parsed) -> Parsed:
    """Fill missing amounts in with quantity times price."""
    numbers = parsed.numbers
    if not {"quantity", "unit_price"} <= numbers.keys():
        return parsed
    given = numbers.get("amount", np.full(len(parsed.ordered_at), np.nan))
    unread = parsed.faults.get(("amount", NOT_A_NUMBER), np.zeros(len(given), bool))
    with np.errstate(over="ignore", invalid="ignore"):
        product = numbers["quantity"] * numbers["unit_price"]
    use = np.isnan(given) & ~unread & ~np.isnan(product)
    if not use.any():
        return parsed
    return replace(parsed, numbers=numbers | {"amount": np.where(use, product, given)}, computed=use)
