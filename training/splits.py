"""Which cut-offs fit, which calibrate, which judge: by time only, a period apart."""

from dataclasses import dataclass

from features.clock import WEEK, to_date
from features.errors import DataError
from training.config import TrainingConfig


@dataclass(frozen=True)
class Split:
    """Cut-offs (day numbers), each ascending; every label window ends before the next part begins.

    Attributes:
        fit: cut-offs the boosters are fitted on.
        calibrate: cut-offs the calibration maps are fitted on.
        judge: cut-offs the model is judged on; empty for the model that is shipped.
    """

    fit: list[int]
    calibrate: list[int]
    judge: list[int]


def split(first_day: int, end: int, period: int, config: TrainingConfig) -> Split:
    """Split for judging: the newest finished cut-offs judge.

    Args:
        first_day: day of the first order.
        end: tick up to which orders are known; no label window goes beyond.
        period: length of the label window, in days.
        config: how many cut-offs of each kind.

    Raises:
        DataError: the log is too short for one cut-off of each kind.
    """
    cutoffs = _finished(first_day, end, period, config.min_history_weeks)
    if len(cutoffs) < 3:
        needed = config.min_history_weeks * WEEK + 3 * period
        raise DataError(
            "the order log is too short to fit, calibrate and judge out of time",
            got=f"{end - first_day} days, from {to_date(first_day)} to {to_date(end)}",
            allowed=f"at least {needed + WEEK} days with a period of {period} days",
            remedy="wait for more orders, give a later --as-of, or a shorter --period",
        )
    judge = min(config.judge_cutoffs, len(cutoffs) - 2)
    calibrate = min(config.calibrate_cutoffs, len(cutoffs) - judge - 1)
    fit = cutoffs[: len(cutoffs) - judge - calibrate]
    return Split(fit[-config.fit_cutoffs :], cutoffs[len(fit) : len(fit) + calibrate], cutoffs[-judge:])


def shift(judged: Split, config: TrainingConfig) -> Split:
    """Split for shipping: the same recipe moved up to the newest finished cut-offs, with nothing left to judge."""
    cutoffs = judged.fit + judged.calibrate + judged.judge
    calibrate = len(judged.calibrate)
    return Split(cutoffs[:-calibrate][-config.fit_cutoffs :], cutoffs[-calibrate:], [])


def _finished(first_day: int, end: int, period: int, min_history_weeks: int) -> list[int]:
    """Cut-offs a period apart, newest last, with enough history before and a finished label window after."""
    earliest = first_day + min_history_weeks * WEEK
    return list(range(end - period, earliest - 1, -period))[::-1]
