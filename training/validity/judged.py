"""A log, its stages and what came after: everything that a measure is made from, worked out once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.clock import WEEK
from features.fixed import Floats, Ints
from features.history import History
from features.past import Snapshots
from features.stages.moves import Booleans
from features.stages.spells import Spells, stage_spells
from training.validity.amounts import Amounts
from training.validity.around import QUARTER, Around, places_at
from training.validity.events import Events
from training.validity.highest import highest_levels
from training.validity.placed import Placed
from training.validity.span import Span


@dataclass(frozen=True)
class Judged:
    """A log, its stages and what came after.

    Attributes:
        history: all orders.
        span: spec, ticks, end.
        events: referrals and cost to serve, where given.
    """

    history: History
    span: Span
    events: Events | None = None

    @cached_property
    def spells(self) -> Spells:
        """Every stay from the beginning of the log to the end."""
        return stage_spells(self.history, self.span.spec, self.span.end)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Everybody known at each tick."""
        return Snapshots.of(self.history, self.span.ticks)

    @cached_property
    def around(self) -> Around:
        """What lies around the snapshots."""
        return Around(self.history, self.snapshots.customer, self.snapshots.cutoff, self.span.end)

    @cached_property
    def place(self) -> Ints:
        """Place of each snapshot."""
        return places_at(self.spells, self.snapshots)

    @cached_property
    def later(self) -> tuple[Booleans, Ints]:
        """Which snapshots are known one period later, and the place of each of these then."""
        known = self.around.finished(self.period)
        then = Snapshots(self.snapshots.customer[known], self.snapshots.cutoff[known] + self.period)
        return known, places_at(self.spells, then)

    @cached_property
    def placed(self) -> Placed:
        """Order-days by the stage they were placed in."""
        return Placed.of(self.history, self.spells, self.span)

    @cached_property
    def peaks(self) -> tuple[Floats, Floats, Booleans]:
        """Own highest level before the tick, level of the next 13 weeks, and whether these are finished."""
        highest = highest_levels(self.history, self.span.spec, self.snapshots)
        after = self.around.total(self.span.spec.level_measure, 0, QUARTER) / (QUARTER / WEEK)
        return highest, after, self.around.finished(QUARTER)

    @property
    def period(self) -> int:
        """The period, in days."""
        return self.span.spec.hold_days

    def amounts(
        self, top: Floats, bottom: Floats | float, counted: Booleans | bool = True, left_out: int = 0
    ) -> Amounts:
        """Amounts of the snapshots; those that do not count have a top and a bottom of 0."""
        below = np.broadcast_to(np.where(counted, bottom, 0.0), top.shape)
        return Amounts(self.snapshots.customer, self.place, np.where(counted, top, 0.0), below, left_out=left_out)

    def after(self, measure: str, days: int, per: float) -> Amounts:
        """A measure in the days after the tick, by `per` of a snapshot; only where these are finished."""
        known = self.around.finished(days)
        return self.amounts(self.around.total(measure, 0, days), per, known, int((~known).sum()))
