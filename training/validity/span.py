"""Which part of a log judges the stages: ticks a period apart, after the reference part that made the spec."""

from dataclasses import dataclass
from datetime import date

from features.clock import Clock, to_date, to_day
from features.config import StageConfig
from features.errors import DataError
from features.stages.spec import StageSpec
from training.log import Log


@dataclass(frozen=True)
class Settings:
    """How to judge.

    Attributes:
        reference: share of the span of the log that comes before the first tick judged.
        resamples: bootstrap draws.
        shuffles: how often lives are shuffled, to see what the stage rules make of chance.
        seed: of the draws and the shuffles.
        fewest: customers a group needs before anything is said of it.
        most: customers that are measured; of more, a random sample of so many.
        called_within: weeks after the last order within which an alarm still helps.
    """

    reference: float = 0.5
    resamples: int = 1000
    shuffles: int = 20
    seed: int = 0
    fewest: int = 30
    most: int = 200_000
    called_within: int = 13


@dataclass(frozen=True)
class Span:
    """What judges.

    Attributes:
        spec: fitted on orders before the first tick.
        ticks: ascending, a period apart.
        end: tick up to which orders are known; no window goes beyond.
    """

    spec: StageSpec
    ticks: list[int]
    end: int


def known_until(log: Log, as_of: int, clock: Clock) -> int:
    """The last tick at which everything before it is known: `as_of`, or where the orders before it end.

    Raises:
        DataError: there is no order before `as_of`.
    """
    if log.first_day >= as_of:
        raise DataError("there are no orders before the cut-off", got=str(to_date(as_of)), remedy="give a later date")
    return min(as_of, clock.floor(log.last_day(as_of) + 1))


def first_tick(log: Log, end: int, reference: float, clock: Clock) -> int:
    """The first tick after the reference part, which is a share of the span from the first order to the end."""
    return clock.after(log.first_day + int(reference * (end - log.first_day)) - 1)


def new_span(
    log: Log, as_of: int, constants: tuple[StageConfig, int, Clock], reference: float = Settings.reference
) -> Span:
    """Fit a spec on the reference part, and judge on the rest.

    Args:
        log: all orders; those at or after `as_of` are not looked at.
        as_of: tick.
        constants: the chosen constants, the period in days, the clock.
        reference: share of the span that comes before the first tick.

    Raises:
        DataError: the log is too short.
    """
    config, period, clock = constants
    end = known_until(log, as_of, clock)
    start = first_tick(log, end, reference, clock)
    spec = log.fit_spec(start, period, config, clock)
    _require_customers(log, start)
    return _span(spec, start, end)


def given_span(log: Log, as_of: int, spec: StageSpec, reference: float = Settings.reference) -> Span:
    """Judge a frozen spec at ticks that none of the orders it was fitted on comes after.

    Raises:
        DataError: the log is too short, or ends before the spec was fitted.
    """
    clock = Clock(spec.week_starts)
    end = known_until(log, as_of, clock)
    known = clock.after(to_day(date.fromisoformat(spec.fitted_before)) - 1)
    start = max(first_tick(log, end, reference, clock), known)
    _require_customers(log, start)
    return _span(spec, start, end)


def _span(spec: StageSpec, start: int, end: int) -> Span:
    if start + spec.hold_days > end:
        raise DataError(
            "the order log is too short to judge the stages",
            got=f"orders known up to {to_date(end)}, spec fitted before {spec.fitted_before}",
            allowed=f"at least one period of {spec.hold_days} days after {to_date(start)}",
            remedy="wait for more orders, give a later --as-of, a shorter --period, or a spec fitted earlier",
        )
    return Span(spec, list(range(start, end + 1, spec.hold_days)), end)


def _require_customers(log: Log, start: int) -> None:
    if not log.known([start])[0]:
        raise DataError(
            "no customer is known at the first tick that judges",
            got=f"no order-day before {to_date(start)}",
            allowed="at least one purchase in the first half of the log",
            remedy="give a later --as-of, or check which lines count as returns",
        )
