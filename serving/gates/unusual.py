"""Is the newest week of a daily series unusual, by the standard of its own past?

Each week is held against the eight before it, as the logarithm of a ratio, and
the newest such ratio against those of earlier weeks: a shop that jumps from
week to week may go on jumping. What was as low, or as high, at the same time
last year is the season and no fault.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from features.clock import WEEK
from features.fixed import Floats, Ints
from serving.gates.normal import Normal

MEMORY = 8
"""Weeks that a week is held against."""

FEWEST = 3
"""Weeks that must lie before a week for anything to be expected of it."""

HOLE = 3
"""Days running that may be missing within a week that is otherwise complete."""

YEAR = 52
"""Weeks of a year."""

EASTER = 5
"""Weeks by which a holiday may come earlier or later than last year; whole weeks without orders keep to theirs."""

AS_LAST_YEAR = np.log(1.5)
"""What is lower than last year by less than this (two thirds of it) counts as no lower."""

NOTHING = np.log(20)
"""One in twenty of what was expected is as good as nothing, so nothing at all is no further off."""

BY_CHANCE = 1 / 8
"""A series that had nothing in more than so many of its weeks may have nothing again."""


@dataclass(frozen=True)
class Unusual:
    """The newest week, or the days of it that are furthest off, against what was expected.

    Attributes:
        seen: what was counted.
        expected: the median of the weeks before.
        ratio: logarithm of one over the other, each with one added.
        normal: of such ratios in earlier weeks.
        low: the lowest ratio that is normal, was at this time last year, or comes by chance where counts are small.
        high: the highest likewise.
    """

    seen: float
    expected: float
    ratio: float
    normal: Normal
    low: float
    high: float


@dataclass(frozen=True)
class Weeks:
    """Days of a series in whole weeks before a cut-off, shape (weeks, 7), oldest first."""

    days: Ints

    @classmethod
    def of(cls, daily: tuple[int, ...], begun: int) -> Self:
        """The weeks of which a series of days is on record whole: the last `begun` days of it."""
        whole = begun // WEEK * WEEK
        return cls(np.asarray(daily[len(daily) - whole :], dtype=np.int64).reshape(-1, WEEK))

    def total(self, width: float) -> Unusual | None:
        """The newest week's total; None where too little is known, or nothing at all comes by chance."""
        return _unusual(self.days.sum(axis=1)[:, None], width, season=1)

    def hole(self, width: float) -> Unusual | None:
        """Those days running of the newest week that are furthest below what was expected of them; None likewise."""
        running = np.lib.stride_tricks.sliding_window_view(self.days, HOLE, axis=1).sum(axis=2)
        return _unusual(running, width, season=EASTER)


def _unusual(counts: Ints, width: float, season: int) -> Unusual | None:
    """The lowest ratio of the newest week's columns beside the lowest of each earlier week's."""
    if len(counts) <= FEWEST + 1 or (counts[:-1].min(axis=1) == 0).mean() > BY_CHANCE:
        return None
    expected = np.array([np.median(counts[max(w - MEMORY, 0) : w], axis=0) for w in range(FEWEST, len(counts))])
    ratios = np.clip(np.log1p(counts[FEWEST:]) - np.log1p(expected), -NOTHING, NOTHING)
    at, lowest = int(ratios[-1].argmin()), ratios.min(axis=1)
    normal, year = Normal.of(lowest[:-1], width), _last_year(lowest, season)
    chance = width / float(np.sqrt(1 + expected[-1, at]))  # of counts, Poisson: the log's standard deviation
    low = min([normal.low, -chance, *(year - AS_LAST_YEAR).tolist()])
    high = max([normal.high, chance, *(year + AS_LAST_YEAR).tolist()])
    return Unusual(float(counts[-1, at]), float(expected[-1, at]), float(lowest[-1]), normal, low, high)


def _last_year(lowest: Floats, season: int) -> Floats:
    """The ratios of a year ago, and so many weeks before and after; none where that is not known."""
    newest = len(lowest) - 1
    return lowest[max(newest - YEAR - season, 0) : max(newest - YEAR + season + 1, 0)]
