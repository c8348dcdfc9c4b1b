"""The level of several weeks together: what one bad month hides, a quarter shows.

The level of a shop moves from one month to the next, so a single week is held against a wide interval.
A fault that stays does not move with it: over many weeks the shop's own ups and downs cancel out. Weeks
whose periods overlap tell the same days twice. If days are independent, the mean of some weeks has the
variance of one, times the share of their periods that two of them have in common, on average over all
pairs (a week and itself included).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.special import expit, logit

from features.clock import WEEK, to_date, to_day
from features.fixed import Floats
from features.grade import Grade, Promise
from training.forecasts import SPEND

QUARTER = 13 * WEEK
"""Days whose weeks are looked at together, the newest week included."""

LATELY = "observed_lately"
"""Name of the metric in a `Promise`."""


@dataclass(frozen=True)
class Earlier:
    """What had been promised of the weeks before, by the same model version, and what came.

    Attributes:
        promises: by cut-off.
        period: days of a period.
    """

    promises: Mapping[int, Sequence[Promise]]
    period: int = 28

    @classmethod
    def of(cls, grades: Sequence[Grade], day: int, period: int) -> "Earlier":
        """Of the graded weeks of the quarter before a cut-off."""
        days = {_day(grade): grade.promises for grade in grades}
        return cls({at: days[at] for at in sorted(days) if day - QUARTER < at < day}, period)

    def levels(self, target: str) -> dict[int, Promise]:
        """What was promised of the level of one target, and what came, by cut-off."""
        kept = [(day, one) for day, promises in self.promises.items() for one in promises]
        return {day: one for day, one in kept if (one.target, one.metric) == (target, "observed")}

    def together(self, now: Promise, day: int, room: float) -> Promise:
        """The level of a week and of those before it, held against the interval of their mean.

        Args:
            now: the level of the week.
            day: its cut-off.
            room: half-width of the interval of a single week, in log odds (log spend).
        """
        levels = {**self.levels(now.target), day: now}
        scale, back = (np.log, np.exp) if now.target == SPEND else (logit, expit)
        promised, found = (
            float(np.mean(scale([getattr(one, side) for one in levels.values()]))) for side in ("promised", "found")
        )
        room *= np.sqrt(in_common(np.array([*levels], dtype=np.float64), self.period))
        values = {"promised": promised, "low": promised - room, "high": promised + room, "found": found}
        return Promise(
            target=now.target,
            metric=LATELY,
            **{name: float(back(value)) for name, value in values.items()},
            verdict="worse" if abs(found - promised) > room else "as promised",
        )

    def __str__(self) -> str:
        """All that a grade takes from them."""
        return str(
            [
                (to_date(day).isoformat(), one.target, one.promised, one.found)
                for day, promises in self.promises.items()
                for one in promises
                if one.metric == "observed"
            ]
        )


def in_common(days: Floats, period: int) -> float:
    """The share of a period that two of the periods beginning on some days have in common, on average over pairs."""
    apart = np.abs(days[:, None] - days[None])
    return float(np.clip(1 - apart / period, 0, None).mean())


def _day(grade: Grade) -> int:
    return to_day(date.fromisoformat(grade.as_of))
