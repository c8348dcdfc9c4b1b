"""What a row of a table must be; a row that breaks a rule is set aside with its reasons."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa

from features.config import ClockConfig, SourceConfig
from features.fixed import Floats
from features.orders.arrow import to_arrow
from features.orders.coded import Coded, Mask, encode
from features.orders.limits import Limits, limits
from features.orders.numbers import NOT_A_NUMBER, parse_numbers
from features.orders.rules import Rule
from features.orders.span import time_zone
from features.orders.times import ISO, Times, parse_times

_MISSING = "is missing"
_REMEDIES = {
    _MISSING: ("a value in every row", "fill it in, or leave the row out"),
    NOT_A_NUMBER: ("digits with a decimal point", "take currency signs and thousands separators out"),
    "is infinite or too large": ("at most largest_amount in absolute value", "correct the value"),
    "is too early": ("the day `earliest` or later", "correct the date, or set an earlier day"),
    "is in the future": ("today or tomorrow at the latest", "correct the date"),
}
_OF_TIME = (ISO, "say how the text is written with date_format, and write the offset into every row or into none")


@dataclass
class Reader:
    """Columns of a raw table, parsed one by one; what is wrong with them is kept in `broken`."""

    raw: pd.DataFrame
    config: SourceConfig
    clock: ClockConfig
    now: datetime | None = None

    def __post_init__(self) -> None:
        self.broken: dict[Rule, Mask] = {}
        self._limits: Limits = limits(self.config, self.clock, self.now)

    def customers(self) -> Coded:
        """Customer ids; none may be missing."""
        ids = self.words("customer_id")
        self._note("customer_id", _MISSING, ids.codes < 0)
        return ids

    def times(self, name: str) -> Times:
        """A time of each row, which must lie between the earliest allowed and tomorrow."""
        times, unread = self._read_times(name)
        self._note(name, _MISSING, np.isnat(times) & ~unread)
        self._note(name, "is too early", times < self._limits.earliest)
        self._note(name, "is in the future", times >= self._limits.latest)
        return times

    def dates(self, name: str) -> Floats:
        """An attribute that is a date, as a day number; NaN where missing."""
        times, _ = self._read_times(name)
        return np.where(np.isnat(times), np.nan, times.astype("datetime64[D]").astype(np.float64))

    def numbers(self, name: str) -> Floats:
        """Numbers; NaN where missing."""
        values, unread = parse_numbers(name, to_arrow(self.raw[name]))
        self._note(name, NOT_A_NUMBER, unread)
        self._note(name, "is infinite or too large", np.abs(values) > self._limits.largest)
        return values

    def words(self, name: str) -> Coded:
        """Words; missing ones have the code -1."""
        column = to_arrow(self.raw[name])
        return encode(name, column.cast(pa.string()) if pa.types.is_null(column.type) else column)

    @property
    def bad(self) -> Mask:
        """Rows that break a rule."""
        return np.asarray(np.any([np.zeros(len(self.raw), bool), *self.broken.values()], axis=0))

    def _read_times(self, name: str) -> tuple[Times, Mask]:
        column = to_arrow(self.raw[name])
        read = parse_times(column, self.config.date_format, time_zone(self.clock), name)
        for reason, mask in read.faults.items():
            self._note(name, reason, mask)
        return read.local, np.any([np.zeros(len(self.raw), bool), *read.faults.values()], axis=0)

    def _note(self, column: str, reason: str, mask: Mask) -> None:
        if mask.any():
            allowed, remedy = _REMEDIES.get(reason, _OF_TIME)
            self.broken[Rule(column, reason, allowed, remedy, lambda _: None)] = mask
