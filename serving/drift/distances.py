"""How far each feature is from training, and how far would be normal after this time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.model.reference import Distribution, by_chance, distance
from serving.drift.config import DriftConfig
from serving.drift.drift import Moved


@dataclass(frozen=True)
class Then:
    """One distribution in training.

    Attributes:
        name: of the number.
        words: what it means.
        known: the distribution.
        lags: weeks between cut-offs of training, at which `known.normal` says how far they were apart.
    """

    name: str
    words: str
    known: Distribution
    lags: tuple[int, ...]

    def beside(self, counts: Sequence[int], weeks: float, config: DriftConfig) -> Moved:
        """The same number so many weeks after the reference cut-off."""
        return Moved(
            name=self.name,
            words=self.words,
            size=round(distance(self.known.counts, counts), 4),
            normal=round(self.normal(sum(counts), weeks, config), 4),
            weight=self.known.gain,
            how=_how(self.known, counts),
        )

    def normal(self, customers: int, weeks: float, config: DriftConfig) -> float:
        """The distance up to which it would be normal after so many weeks, of so many customers."""
        least = max(config.margin * self._usual(weeks), config.least)
        return min(float(np.hypot(least, by_chance(self.known.counts, customers))), 1.0)

    def _usual(self, weeks: float) -> float:
        """How far it was within training after so many weeks; after more than were seen it goes on as chance would."""
        if not self.lags:
            return 0.0
        further = float(np.sqrt(max(weeks / self.lags[-1], 1.0)))
        return further * float(np.interp(weeks, self.lags, self.known.normal))


def unknown(counts: Sequence[int]) -> float:
    """Share of the customers of whom a number is not known."""
    return counts[-1] / max(sum(counts), 1)


def _how(then: Distribution, counts: Sequence[int]) -> str:
    """In which direction it moved: not known more or less often, or higher or lower by the middle of the bins."""
    gone = unknown(counts) - unknown(then.counts)
    if abs(gone) > 0.1:
        return f"not known of {unknown(counts):.0%} of the customers, {unknown(then.counts):.0%} in training"
    middle = [_middle(side) for side in (then.counts, counts)]
    return "higher than in training" if middle[1] > middle[0] else "lower than in training"


def _middle(counts: Sequence[int]) -> float:
    known = np.asarray(counts[:-1], dtype=float)
    return float(np.average(np.arange(len(known)), weights=known)) if known.sum() else 0.0
