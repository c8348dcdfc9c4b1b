"""What a value of an order may be: the limits of time and size."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from features.config import ClockConfig, SourceConfig
from features.errors import UsageError
from features.orders.span import EVER, Span, time_zone


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value may be: `earliest <= ordered_at < latest` (local time), and |number| <= `largest`."""

    earliest: np.datetime64
    latest: np.datetime64
    largest: float


@dataclass(frozen=True, slots=True)
class Terms:
    """What rows are measured by, the same for every batch.

    Attributes:
        orders: how to read the input, and what is allowed.
        zone: the business's time zone.
        limits: of time and size.
        span: the days asked for; rows of other days count as never read.
    """

    orders: SourceConfig
    zone: ZoneInfo
    limits: Limits
    span: Span


def terms(orders: SourceConfig, clock: ClockConfig, now: datetime | None = None, span: Span = EVER) -> Terms:
    """The terms as of `now`. Raises what `limits` raises."""
    return Terms(orders, time_zone(clock), limits(orders, clock, now), span)


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
