"""What a value of an order may be: the limits of time and size."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from features.config import ClockConfig, SourceConfig
from features.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value may be: `earliest <= ordered_at < latest` (local time), and |number| <= `largest`."""

    earliest: np.datetime64
    latest: np.datetime64
    largest: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows are measured by, the same for every batch: the configuration, the time zone, the limits."""

    orders: SourceConfig
    zone: ZoneInfo
    limits: Limits


def terms(orders: SourceConfig, clock: ClockConfig, now: datetime | None = None) -> Terms:
    """The terms as of `now`. Raises what `limits` raises."""
    return Terms(orders, time_zone(clock), limits(orders, clock, now))


def limits(orders: SourceConfig, clock: ClockConfig, now: datetime | None = None) -> Limits:
    """The limits as of `now` (naive: the business's local time; default: the wall clock).

    An order of tomorrow is still allowed, for clocks differ; the day after is not.
    Raises `UsageError` for an `orders.earliest` that is no date or an unknown time zone.
    """
    zone = time_zone(clock)
    local = datetime.now(zone) if now is None else now.astimezone(zone) if now.tzinfo else now
    try:
        earliest = np.datetime64(datetime.fromisoformat(orders.earliest).replace(tzinfo=None), "us")
    except ValueError:
        raise UsageError(
            "orders.earliest is not a date", got=repr(orders.earliest), allowed="a day such as 1990-01-01"
        ) from None
    return Limits(earliest, np.datetime64(local.date() + timedelta(days=2), "us"), orders.largest_amount)


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
