"""Spells: every stay of every customer in a stage, from one walk over their ticks.

Memory grows with the spells, not with the ticks: a customer who stands in one
place for three years is one row.
"""

import os
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from features.clock import WEEK, Clock
from features.fixed import Ints
from features.history import Codes, History
from features.stages.machine import walk_columns, walk_rules
from features.stages.moves import Booleans, Stage, Stages, SubState
from features.stages.spec import StageSpec
from features.stages.walk import walk_spells
from features.threads import in_order

PLACES = tuple(stage.label for stage in Stage)[:3] + tuple(
    f"{Stage.REGRESSION.label}, {state.label}" for state in tuple(SubState)[1:]
)
"""The columns of `Spells.counts`: three stages, and regression by its sub-states."""


def places(stage: Stages, sub_state: npt.NDArray[np.int8]) -> Ints:
    """Position in `PLACES` of stages with their sub-states, shape (n,)."""
    return np.where(sub_state > 0, Stage.REGRESSION - 1 + sub_state, stage).astype(np.int64)


@dataclass(frozen=True)
class Spells:
    """Stays in a stage; in regression, in a sub-state. Sorted by customer, then time.

    Each customer's spells meet without a gap. Every array has shape (n,).

    Attributes:
        customer: customer code.
        stage: as `Stage`.
        sub_state: as `SubState`.
        begin: tick at which it was entered.
        end: first tick at which the customer stood elsewhere; for the last
            spell of a customer the tick after the last one looked at.
        closed: whether the end was seen.
        cause: as `Cause`: why it began.
    """

    customer: Codes
    stage: Stages
    sub_state: npt.NDArray[np.int8]
    begin: Ints
    end: Ints
    closed: Booleans
    cause: npt.NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.customer)

    @property
    def place(self) -> Ints:
        """Position in `PLACES` of each spell, shape (n,)."""
        return places(self.stage, self.sub_state)

    @property
    def lasted(self) -> Ints:
        """Days from entry to leaving or, of an open one, to the last tick at which it was seen; shape (n,)."""
        return self.end - self.begin - WEEK * ~self.closed

    def only(self, rows: np.ndarray) -> "Spells":
        """Some of the spells, by a mask or by their positions."""
        return Spells(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})

    def stays(self) -> "Spells":
        """One row a stay in a stage: the sub-states of regression merged, the first one's named."""
        new = np.ones(len(self), dtype=bool)
        new[1:] = (self.customer[1:] != self.customer[:-1]) | (self.stage[1:] != self.stage[:-1])
        firsts = np.flatnonzero(new)
        lasts = np.append(firsts, len(self))[1:] - 1
        columns = {field.name: getattr(self, field.name)[firsts] for field in fields(self)}
        return Spells(**columns | {"end": self.end[lasts], "closed": self.closed[lasts]})

    def at(self, tick: int) -> Ints:
        """Rows of the spells that hold at a tick: one for each customer known there."""
        return np.flatnonzero((self.begin <= tick) & (tick < self.end))

    def counts(self, ticks: npt.ArrayLike) -> Ints:
        """Customers in each of `PLACES` at each tick, shape (len(ticks), 6)."""
        asked, place = np.asarray(ticks, dtype=np.int64), self.place
        held = np.zeros((len(asked), len(PLACES)), dtype=np.int64)
        for column in range(len(PLACES)):
            begin, end = (np.sort(days[place == column]) for days in (self.begin, self.end))
            held[:, column] = np.searchsorted(begin, asked, "right") - np.searchsorted(end, asked, "right")
        return held


def stage_spells(history: History, spec: StageSpec, until: int, customers: Codes | None = None) -> Spells:
    """Spells of customers up to and including a tick.

    Args:
        history: all orders; those on or after `until` are not looked at.
        spec: the frozen constants.
        until: the last tick; a day that is none counts as the tick before it.
        customers: codes; without them everybody. Who has no order-day before
            `until` has no spell.

    Raises:
        DataError: the orders lack the money that the spec's level is measured in.
    """
    clock = Clock(spec.week_starts)
    known = history.known(clock.floor(until))
    if customers is not None:
        known = known[np.isin(known, customers)]
    columns, rules = walk_columns(history, spec), walk_rules(spec)
    threads = os.cpu_count() or 1

    def walk(part: Codes) -> np.ndarray:
        return np.asarray(walk_spells(history.starts, columns, rules, part, (clock.phase, clock.floor(until))))

    found = np.concatenate(list(in_order(walk, np.array_split(known, threads), threads)))
    kinds = {"closed": np.bool_}
    return Spells(**{f.name: found[f.name].astype(kinds.get(f.name, found.dtype[f.name])) for f in fields(Spells)})
