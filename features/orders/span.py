"""The days that orders are asked for, so that a source need not hand over the others."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.config import ClockConfig
from features.errors import DataError, UsageError
from features.orders.coded import Mask
from features.orders.times import Times


class NothingInSpanError(DataError):
    """There are no orders of the days asked for; there may be others."""


@dataclass(frozen=True, slots=True)
class Span:
    """Local days `[since, until)`; None is no bound.

    `until` is a cut-off: no order of that day or later is asked for. What a
    source is told may let a little more through (text dates, midnights that a
    change of clocks doubles); `holds` is exact, and is what the door goes by.
    """

    since: date | None = None
    until: date | None = None
    clock: ClockConfig = field(default_factory=ClockConfig)

    def holds(self, times: Times) -> Mask:
        """Which naive local times lie within; a missing one always does, so that the rules can judge it."""
        held = np.ones(len(times), bool)
        if self.since is not None:
            held &= times >= np.datetime64(self.since)
        if self.until is not None:
            held &= times < np.datetime64(self.until)
        return held | np.isnat(times)

    def nothing_found(self) -> DataError:
        """The error for an input without rows within the span."""
        if self.since is None and self.until is None:
            return DataError("there are no orders: the input has no rows", remedy="check the export, or the file name")
        days = (f" from {self.since} on" if self.since else "") + (f" before {self.until}" if self.until else "")
        return NothingInSpanError(f"there are no orders{days}", remedy="give another date, or check the export")

    def edges(self, aware: bool) -> tuple[datetime | None, datetime | None]:
        """First and last midnight: local and naive, or as instants in UTC."""
        zone = time_zone(self.clock) if aware else None
        return _midnight(self.since, zone, min), _midnight(self.until, zone, max)

    def expression(self, time: pa.Field) -> pc.Expression | None:
        """The span as an Arrow filter on a column; None where there is no bound, or its type is no time."""
        bounds = self.edges(bool(getattr(time.type, "tz", None)))
        if bounds == (None, None) or not (pa.types.is_timestamp(time.type) or pa.types.is_date(time.type)):
            return None
        since, until = (None if bound is None else _scalar(bound, time.type) for bound in bounds)
        column, within = pc.field(time.name), pc.scalar(True)
        if since is not None:
            within &= column >= since
        if until is not None:
            within &= column < until
        return within | column.is_null()


EVER = Span()


def _midnight(
    day: date | None, zone: ZoneInfo | None, wider: Callable[[Iterator[datetime]], datetime]
) -> datetime | None:
    """Where clocks change at midnight it comes twice, or never: then the one that leaves less out."""
    if day is None:
        return None
    local = datetime(day.year, day.month, day.day)
    if zone is None:
        return local
    return wider(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def _scalar(bound: datetime, kind: pa.DataType) -> pa.Scalar:
    return pa.scalar(bound, pa.timestamp("us", "UTC" if bound.tzinfo else None)).cast(kind)


def time_zone(clock: ClockConfig) -> ZoneInfo:
    """The business's time zone. Raises `UsageError` if its name is unknown."""
    try:
        return ZoneInfo(clock.timezone)
    except (ValueError, OSError, KeyError):
        raise UsageError(
            "clock.timezone is not a known time zone",
            got=repr(clock.timezone),
            allowed="an IANA name such as Europe/Berlin or Asia/Shanghai",
        ) from None
