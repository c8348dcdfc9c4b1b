"""How long customers waited for their next order, counted: what a stage spec is fitted on."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from features.fixed import Ints
from features.history import History
from features.stages.spec import BANDS, LevelMeasure
from features.stages.survival import Survival, survival_of


@dataclass(frozen=True)
class WaitTallies:
    """Waits of a reference period by band and length; those of two groups of customers add up.

    Attributes:
        before: day number at which the reference period ends.
        first_day: day number of the first order line.
        level_measure: what a customer's level is measured in.
        came: waits that an order ended, by band and days waited, shape (bands, follow-up + 1).
        waiting: waits that went on at the end of the period or of the follow-up, likewise.
    """

    before: int
    first_day: int
    level_measure: LevelMeasure
    came: Ints
    waiting: Ints

    @classmethod
    def of(cls, history: History, before: int, follow_up: int) -> Self:
        """Waits of every order-day before a day, followed up so many days."""
        band, waited, returned = waits(history, before, follow_up)
        cell = band * (follow_up + 1) + waited
        came, waiting = (
            np.bincount(cell[kind], minlength=len(BANDS) * (follow_up + 1)).reshape(len(BANDS), -1).astype(np.int64)
            for kind in (returned, ~returned)
        )
        return cls(before, history.first_day, history.level_measure(before), came, waiting)

    def __add__(self, other: Self) -> Self:
        """Both groups of customers together."""
        level: LevelMeasure = "net" if "net" in (self.level_measure, other.level_measure) else "order_day_units"
        first_day = min(self.first_day, other.first_day)
        return type(self)(self.before, first_day, level, self.came + other.came, self.waiting + other.waiting)

    @property
    def follow_up(self) -> int:
        """Longest wait that is followed, in days."""
        return int(self.came.shape[1]) - 1

    @property
    def order_days(self) -> int:
        """Order-days before the end of the period."""
        return int(self.came.sum() + self.waiting.sum())

    def curve(self, band: int | None, fewest_at_risk: int) -> Survival:
        """Time to the next order of one band, or of all together, as in `kaplan_meier`."""
        rows = slice(None) if band is None else slice(band, band + 1)
        return survival_of(self.came[rows].sum(axis=0), self.waiting[rows].sum(axis=0), fewest_at_risk)


def waits(history: History, before: int, follow_up: int) -> tuple[Ints, Ints, np.ndarray]:
    """Band, days waited and whether the next order came within the follow-up, of every order-day before the end."""
    rows = np.flatnonzero((history.columns["order_day"] > 0) & (history.day < before))
    customer, day = history.customer[rows], history.day[rows].astype(np.int64)
    count = history.totals("order_day")[rows + 1] - history.totals("order_day")[history.starts[customer]]
    returned = np.zeros(len(rows), dtype=bool)
    returned[:-1] = customer[1:] == customer[:-1]
    following = np.append(day[1:], before)
    waited = np.where(returned, following, before) - day
    band = np.searchsorted(BANDS, count, side="right") - 1
    return band, np.minimum(waited, follow_up), returned & (waited <= follow_up)
