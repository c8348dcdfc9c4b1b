"""Cut-offs that were asked for, and whether anything lies before them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from features.clock import to_date, to_day
from features.errors import DataError, UsageError
from features.history import History
from features.orders import CleanOrders
from features.orders.span import EVER, Span
from stagecast.config import Config


def ticks(cutoffs: Iterable[str], config: Config) -> list[int]:
    """The cut-offs as day numbers, ascending, each once.

    Raises:
        UsageError: there is none, or one is no tick of the clock.
    """
    if days := sorted({config.the_clock.tick(cutoff) for cutoff in cutoffs}):
        return days
    raise UsageError("no cut-off was given", got="an empty list", allowed="DATE[,DATE...]", remedy="give one")


def last_tick(config: Config, now: datetime | None = None) -> str:
    """The newest cut-off that is not in the future, in the business's time zone: today, where a week starts today."""
    today = (now or datetime.now(UTC)).astimezone(ZoneInfo(config.clock.timezone)).date()
    return to_date(config.the_clock.floor(to_day(today))).isoformat()


def days_before(until: int | None, config: Config) -> Span:
    """The days before a cut-off, as a source is told them; without one, all."""
    return EVER if until is None else Span(until=to_date(until), clock=config.clock)


def require_orders(clean: CleanOrders, day: int) -> None:
    """Check that orders begin before a cut-off.

    Raises:
        DataError: they do not.
    """
    require_begin(clean.report.first.date(), day)


def require_begin(first: date, day: int) -> None:
    """Check that orders which begin on a date begin before a cut-off.

    Raises:
        DataError: they do not.
    """
    if to_day(first) >= day:
        raise DataError(
            "there are no orders before the cut-off",
            got=str(to_date(day)),
            allowed=f"after {first}, when the orders begin",
            remedy="give a later date",
        )


def require_customers(history: History, day: int) -> None:
    """Check that somebody is known at a cut-off.

    Raises:
        DataError: nobody is.
    """
    if not len(history.known(day)):
        raise nobody_known(day)


def nobody_known(day: int) -> DataError:
    """The error where orders before a cut-off make nobody known."""
    return DataError(
        "no customer is known at the cut-off",
        got=f"order lines before {to_date(day)}, none of which makes an order-day",
        allowed="at least one purchase before the cut-off",
        remedy="give a later date, or check which lines count as returns",
    )
