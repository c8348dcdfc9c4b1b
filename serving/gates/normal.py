"""What is normal: the typical value of past weeks and how far they lie from it, both robust."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from features.fixed import Floats

TO_SIGMA = 1.4826
"""Median absolute deviations to standard deviations, for the normal distribution."""

FEW = 4.0
"""With n past weeks the normal range is (1 + FEW / n) times as wide: a spread of few is itself uncertain."""


@dataclass(frozen=True)
class Normal:
    """A range that a quantity stays in, as a rule.

    Attributes:
        typical: median of the past.
        reach: how far above and below is still normal.
        weeks: how many weeks it rests on.
    """

    typical: float
    reach: float
    weeks: int

    @classmethod
    def of(cls, past: Floats, width: float) -> Self:
        """The normal range after some past weeks, one at least.

        Args:
            past: the quantity in each.
            width: how many robust standard deviations are still normal.
        """
        typical = float(np.median(past))
        spread = TO_SIGMA * float(np.median(np.abs(past - typical)))
        return cls(typical, width * spread * (1 + FEW / len(past)), len(past))

    @property
    def low(self) -> float:
        """The lowest value that is normal."""
        return self.typical - self.reach

    @property
    def high(self) -> float:
        """The highest value that is normal."""
        return self.typical + self.reach
