"""Which cut-offs fit, which calibrate, which judge: by time only, with a gap of a period."""

from dataclasses import dataclass

from features.clock import WEEK, to_date
from features.errors import DataError
from features.fixed import Floats, Ints
from training.config import TrainingConfig

FEWEST_CUTOFFS = 4
"""Thinning out stops once fewer than twice so many cut-offs may be left; then customers are sampled."""


@dataclass(frozen=True)
class Split:
    """Cut-offs as day numbers, each ascending; every label window ends before the next part begins.

    Attributes:
        fit: cut-offs the boosters are fitted on; weeks apart, so their label
            windows overlap each other.
        calibrate: cut-offs the calibration maps are fitted on, a period apart.
        judge: cut-offs the model is judged on, a period apart; none for a
            model that is shipped.
    """

    fit: list[int]
    calibrate: list[int]
    judge: list[int]

    @property
    def finished(self) -> list[int]:
        """Every tick from the oldest cut-off fitted on to the newest one calibrated on: all have finished windows."""
        return list(range(self.calibrate[-1], self.fit[0] - 1, -WEEK))[::-1]


def split(first_day: int, end: int, period: int, config: TrainingConfig, judge: int | None = None) -> Split:
    """The newest finished cut-offs judge, those before calibrate, those before fit.

    In a log that is too short for all that is configured each kind keeps one
    cut-off at least, and those that judge go before those that calibrate.

    Args:
        first_day: day of the first order.
        end: tick up to which orders are known; no label window goes beyond.
        period: length of the label window, in days.
        config: how many cut-offs of each kind.
        judge: number of cut-offs that judge, where it is not the configured one.

    Raises:
        DataError: the log is too short for one cut-off of each kind.
    """
    earliest = first_day + config.min_history_weeks * WEEK
    judges = config.judge_cutoffs if judge is None else judge
    slots = (end - earliest) // period
    fewest = 2 + min(judges, 1)
    if slots < fewest:
        raise DataError(
            "the order log is too short to fit, calibrate and judge out of time",
            got=f"{end - first_day} days, from {to_date(first_day)} to {to_date(end)}",
            allowed=f"at least {earliest - first_day + fewest * period} days with a period of {period} days",
            remedy="wait for more orders, give a later --as-of, or a shorter --period",
        )
    judges = min(judges, slots - 2)
    calibrates = min(config.calibrate_cutoffs, slots - judges - 1)
    spaced = [end - period * k for k in range(judges + calibrates, 0, -1)]
    newest_fit = spaced[0] - period
    oldest_fit = max(earliest, newest_fit - (config.fit_weeks - 1) * WEEK)
    fit = list(range(newest_fit, oldest_fit - 1, -WEEK))[::-1]
    return Split(fit, spaced[:calibrates], spaced[calibrates:])


def thin(cutoffs: list[int], rows: Ints | Floats, most: int) -> list[int]:
    """Every k-th cut-off, counted from the newest, with the smallest k that leaves at most `most` rows.

    A year needs some cut-offs to be seen from: below twice `FEWEST_CUTOFFS` of
    them k grows no more, whatever the rows.

    Args:
        cutoffs: ascending, shape (k,).
        rows: snapshots at each, shape (k,).
        most: rows that may be left.
    """
    every = 1
    while rows[::-1][::every].sum() > most and len(cutoffs) // every > FEWEST_CUTOFFS:
        every += 1
    return cutoffs[::-1][::every][::-1]


def apart(cutoffs: Ints, days: int) -> list[int]:
    """The newest of ascending cut-offs, and backwards each that is at least so many days before the last one taken."""
    taken = [int(cutoffs[-1])]
    for cutoff in cutoffs[::-1]:
        if taken[-1] - cutoff >= days:
            taken.append(int(cutoff))
    return taken
