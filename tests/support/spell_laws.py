"""What must hold of spells."""

import numpy as np

from features.clock import Clock
from features.history import History
from features.past import Snapshots
from features.stages.machine import run_stages
from features.stages.moves import Cause, Stage, SubState
from features.stages.spec import StageSpec
from features.stages.spells import Spells

E, F, S, R = Stage
_MOVES = {  # stage and sub-state before, stage after, of each cause
    Cause.ENOUGH_ORDERS: {(E, SubState.NONE, F)},
    Cause.LEVEL_HELD: {(F, SubState.NONE, S)},
    Cause.FELL_OFF: {(stage, SubState.NONE, R) for stage in (E, F, S)},
    Cause.FELL_SILENT: {(stage, SubState.NONE, R) for stage in (E, F, S)} | {(R, SubState.SLIPPING, R)},
    Cause.LONG_SILENT: {(R, SubState.SLIPPING, R), (R, SubState.SILENT, R)},
    Cause.ORDERED_AGAIN: {(R, SubState.SILENT, R), (R, SubState.LOST, R)},
    Cause.RECOVERED: {(R, state, stage) for state in SubState if state for stage in (E, F)},
}


def agree(spells: Spells, history: History, spec: StageSpec, until: int) -> None:
    """At every tick the spell that holds says what the machine says; no tick lacks one."""
    clock = Clock(spec.week_starts)
    snapshots = Snapshots.of(history, list(range(clock.after(history.first_day), until + 1, 7)))
    state = run_stages(history, spec, snapshots.customer, snapshots.cutoff)
    weeks = (spells.end - spells.begin) // 7
    row = np.repeat(np.arange(len(spells)), weeks)
    tick = spells.begin[row] + 7 * (np.arange(len(row)) - np.repeat(np.cumsum(weeks) - weeks, weeks))
    got = (spells.customer[row], tick, spells.stage[row], spells.sub_state[row])
    want = (snapshots.customer, snapshots.cutoff, state.stage, state.sub_state)
    for one, two in zip(got, want, strict=True):
        assert np.array_equal(one, two), "spells and machine differ"
    since = spells.stays()
    held = np.repeat(np.arange(len(since)), (since.end - since.begin) // 7)
    assert np.array_equal(since.begin[held], state.since), "a stay begins at another tick than its stage"


def meet(spells: Spells) -> None:
    """Each customer's spells follow each other without a gap, and all but the last are closed."""
    assert (spells.begin < spells.end).all(), "an empty spell"
    follows = spells.customer[1:] == spells.customer[:-1]
    assert (spells.customer[1:] >= spells.customer[:-1]).all(), "not sorted"
    assert (spells.begin[1:] == spells.end[:-1])[follows].all(), "a gap"
    assert np.array_equal(spells.closed, np.append(follows, [False] * (len(spells) > 0))), "closed, or not"
    assert len(set(spells.end[~spells.closed])) <= 1, "the last spells end at different ticks"


def reasoned(spells: Spells, history: History) -> None:
    """Each cause belongs to the move that it is given for, and who ordered again did order in that week."""
    names = np.column_stack([spells.stage, spells.sub_state])
    for k in range(len(spells)):
        cause, before = Cause(spells.cause[k]), k - 1
        if k == 0 or spells.customer[before] != spells.customer[k]:
            first = Cause.FIRST_ORDER if spells.stage[k] == E else Cause.FELL_SILENT
            assert cause == first, "a first spell without a first order"
            continue
        assert (*names[before].tolist(), spells.stage[k]) in _MOVES.get(cause, set()), f"{cause.name} at {names[k]}"
        if cause == Cause.ORDERED_AGAIN:
            begin, end = history.before(np.repeat(spells.customer[k], 2), [spells.begin[k] - 7, spells.begin[k]])
            assert history.columns["order_day"][begin:end].any(), "ordered again without an order"
