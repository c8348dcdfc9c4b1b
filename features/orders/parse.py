"""Raw rows to typed columns, without loss: what cannot be read is marked, not guessed."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.fixed import Floats
from features.orders.coded import Codes, Encoder, Mask
from features.orders.contract import LOOSE, named
from features.orders.flags import NOT_A_FLAG, parse_flags
from features.orders.limits import Limits, Terms
from features.orders.log import holds_something
from features.orders.numbers import NOT_A_NUMBER, parse_numbers
from features.orders.times import Times, parse_times

Encoders = dict[str, Encoder]


@dataclass(frozen=True, slots=True)
class Parsed:
    """The parsed columns of a batch of rows. Numbers that are wholly missing are left out.

    `text` holds codes of the encoders, -1 where missing. `is_return` is 1, 0 or -1
    (not told). `faults` holds, for (column, reason), the rows whose raw value could
    not be turned into what the column holds. `offsets` tells of times written as
    text whether some carry a UTC offset (True) and some do not (False). `computed`
    marks the amounts that were filled in from quantity and price, if any were.
    """

    text: dict[str, Codes]
    numbers: dict[str, Floats]
    ordered_at: Times
    is_return: npt.NDArray[np.int8] | None
    faults: dict[tuple[str, str], Mask]
    limits: Limits
    offsets: frozenset[bool]
    computed: Mask | None = None

    def kept(self, keep: Mask) -> "Parsed":
        """The rows where `keep`."""
        return replace(
            self,
            text={name: codes[keep] for name, codes in self.text.items()},
            numbers={name: column[keep] for name, column in self.numbers.items()},
            ordered_at=self.ordered_at[keep],
            is_return=None if self.is_return is None else self.is_return[keep],
            faults={},
            computed=None if self.computed is None else self.computed[keep],
        )

    def returned(self) -> Mask:
        """Which rows are returns: where `is_return` does not tell, a negative amount or quantity does."""
        negative = np.zeros(len(self.ordered_at), bool)
        for name in ("amount", "quantity"):
            if name in self.numbers:
                negative |= self.numbers[name] < 0
        return negative if self.is_return is None else np.where(self.is_return < 0, negative, self.is_return == 1)


def parse(raw: pa.Table, terms: Terms, encoders: Encoders, zoned: bool) -> Parsed:
    """Parse every column of a batch (canonical names).

    Text goes through the encoder of its column, made here if there is none yet.
    `zoned` says that times elsewhere in the input carry a UTC offset.

    Raises `DataError` where a column's type is of no use.
    """
    columns = dict(zip(raw.column_names, raw.columns, strict=True))
    times = parse_times(columns["ordered_at"], terms.orders.date_format, terms.zone, zoned=zoned)
    faults = {("ordered_at", reason): mask for reason, mask in times.faults.items()}
    numbers = {}
    for name in (name for name in named("number") if name in columns):
        numbers[name], faults[name, NOT_A_NUMBER] = parse_numbers(name, columns[name])
    returns = None
    if "is_return" in columns:
        returns, faults["is_return", NOT_A_FLAG] = parse_flags(columns["is_return"])
    text = {
        name: encoders.setdefault(name, Encoder(name, loose=name in LOOSE)) for name in named("text") if name in columns
    }
    parsed = Parsed(
        text={name: encoder.codes(columns[name]) for name, encoder in text.items()},
        numbers={
            name: column
            for name, column in numbers.items()
            if holds_something(column) or faults[name, NOT_A_NUMBER].any()
        },
        ordered_at=times.local,
        is_return=returns,
        faults={key: mask for key, mask in faults.items() if mask.any()},
        limits=terms.limits,
        offsets=times.offsets,
    )
    return _with_amount(parsed)


def _with_amount(parsed: Parsed) -> Parsed:
    """Fill missing amounts in with quantity times price."""
    numbers = parsed.numbers
    if not {"quantity", "unit_price"} <= numbers.keys():
        return parsed
    given = numbers.get("amount", np.full(len(parsed.ordered_at), np.nan))
    unread = parsed.faults.get(("amount", NOT_A_NUMBER), np.zeros(len(given), bool))
    use = np.isnan(given) & ~unread
    if not use.any():
        return parsed
    with np.errstate(over="ignore", invalid="ignore"):
        product = numbers["quantity"] * numbers["unit_price"]
    use &= ~np.isnan(product)
    if not use.any():
        return parsed
    return replace(parsed, numbers=numbers | {"amount": np.where(use, product, given)}, computed=use)
