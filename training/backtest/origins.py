"""The cut-offs of a backtest, and what a model may learn from at each."""

from dataclasses import dataclass

from features.clock import WEEK, to_date
from features.errors import DataError, UsageError
from training.config import Recipe
from training.splits import Split, split

BEFORE = 2
"""Periods that a cut-off needs before it, beyond the shortest history: one to fit on, one to calibrate on."""


@dataclass(frozen=True)
class Origin:
    """A cut-off that is forecast, and the finished cut-offs before it that a model is fitted and calibrated on."""

    cutoff: int
    past: Split


def origins(first_day: int, end: int, wanted: int, recipe: Recipe) -> list[Origin]:
    """The newest cut-offs whose label window is finished, a period apart, oldest first.

    At each the label windows of calibration end at the cut-off or before, and
    those of the fit before the first of calibration: nothing that a model
    learns from overlaps what it is judged on.

    Args:
        first_day: day of the first order.
        end: tick up to which orders are known.
        wanted: how many; a log that is shorter gives fewer.
        recipe: how a model is trained at each.

    Raises:
        UsageError: none is wanted.
        DataError: the log is too short for a single one.
    """
    if wanted < 1:
        raise UsageError("a backtest needs a cut-off", got=wanted, allowed="--cutoffs 1 or more")
    period = recipe.period_days
    earliest = first_day + recipe.training.min_history_weeks * WEEK
    room = (end - earliest) // period - BEFORE
    if room < 1:
        raise DataError(
            "the order log is too short for a backtest",
            got=f"{end - first_day} days, from {to_date(first_day)} to {to_date(end)}",
            allowed=f"at least {earliest - first_day + (BEFORE + 1) * period} days with a period of {period} days",
            remedy="wait for more orders, give a later --as-of, or a shorter --period",
        )
    cutoffs = [end - period * k for k in range(min(wanted, room), 0, -1)]
    return [Origin(cutoff, split(first_day, cutoff, period, recipe.training, judge=0)) for cutoff in cutoffs]
