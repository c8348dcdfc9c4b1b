"""The weekly clock: every cut-off is a tick, 00:00 local time on one weekday.

Inside stagecast a day is a number: days since 1970-01-01 in the business's
local calendar. A tick is the day number whose midnight it is.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from features.config import ClockConfig, Weekday
from features.errors import UsageError

Days = npt.NDArray[np.int32]

WEEK = 7
_EPOCH = date(1970, 1, 1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH_WEEKDAY = _EPOCH.weekday()
_YEARS = range(1900, 2500)


def to_day(when: date) -> int:
    """Day number of a calendar date."""
    return (when - _EPOCH).days


def to_date(day: int) -> date:
    """Calendar date of a day number."""
    return _EPOCH + timedelta(days=int(day))


def stamps(days: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.datetime64]:
    """Day numbers as time stamps of their midnights."""
    return days.astype("datetime64[D]").astype("datetime64[s]")


@dataclass(frozen=True)
class Clock:
    """Weekly ticks at local midnight of `week_starts` (mon, tue, ..., sun)."""

    week_starts: Weekday = "mon"

    @classmethod
    def of(cls, config: ClockConfig) -> "Clock":
        """The clock that a configuration describes."""
        return cls(config.week_starts)

    @property
    def phase(self) -> int:
        """Day number of every tick, modulo 7."""
        return (_WEEKDAYS.index(self.week_starts) - _EPOCH_WEEKDAY) % WEEK

    def floor(self, day: int) -> int:
        """The last tick at or before `day`."""
        return day - (day - self.phase) % WEEK

    def after(self, day: int) -> int:
        """The first tick after `day`: the first at which that day is history."""
        return self.floor(day) + WEEK

    def tick(self, when: str | date) -> int:
        """Day number of the cut-off `when`.

        Raises:
            UsageError: `when` is no date, lies far from any order, or is no
                tick of this clock; then the two nearest ticks are named.
        """
        asked = _as_date(when)
        if asked.year not in _YEARS:
            raise UsageError(
                "a cut-off must lie near the orders",
                got=asked.isoformat(),
                allowed=f"the years {_YEARS.start} to {_YEARS.stop - 1}",
                remedy="check the year",
            )
        day = to_day(asked)
        before = self.floor(day)
        if before != day:
            raise UsageError(
                f"a cut-off must be a {weekday_name(self.week_starts)}, the day this clock ticks",
                got=f"{asked.isoformat()}, a {asked:%A}",
                allowed=f"{to_date(before)} or {to_date(before + WEEK)}, the two nearest",
                remedy="use one of these, or set the weekday with --week-starts or [clock] week_starts",
            )
        return day


def weekday_name(week_starts: Weekday) -> str:
    """Full English name of a weekday given by its three letters."""
    return f"{to_date(Clock(week_starts).phase):%A}"


def parse_period(text: str) -> int:
    """Days of a period such as `28d` or `4w`.

    Raises:
        UsageError: it is no whole number of weeks.
    """
    found = re.fullmatch(r"\s*(\d{1,4})\s*([dw])\s*", text)
    days = int(found[1]) * (WEEK if found[2] == "w" else 1) if found else 0
    if days < WEEK or days % WEEK:
        raise UsageError(
            "a period must be whole weeks", got=repr(text), allowed="such as 28d or 4w", remedy="round it to weeks"
        )
    return days


def _as_date(when: str | date) -> date:
    if isinstance(when, datetime):
        return _only_midnight(when)
    if isinstance(when, date):
        return when
    try:
        return _only_midnight(datetime.fromisoformat(str(when).strip()))
    except ValueError:
        raise UsageError(
            "a cut-off must be a date", got=repr(when), allowed="YYYY-MM-DD", remedy="write it as in 2011-06-06"
        ) from None


def _only_midnight(when: datetime) -> date:
    if when.time() != datetime.min.time() or when.tzinfo is not None:
        raise UsageError(
            "a cut-off is a local midnight, so it has no time of day and no zone",
            got=when.isoformat(),
            allowed="YYYY-MM-DD",
            remedy="give the date alone",
        )
    return when.date()
