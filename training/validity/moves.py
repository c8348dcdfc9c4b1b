"""Moves from one period to the next, and what would have skipped if the definition let it."""

import numpy as np
import pandas as pd

from features.fixed import Ints
from features.history import History
from features.past import Past, Snapshots
from features.stages.moves import Stage, legal_moves
from features.stages.spec import StageSpec
from features.stages.spells import PLACES, Spells


def moves_table(now: Ints, later: Ints) -> pd.DataFrame:
    """Moves between places one period apart.

    Args:
        now: place of each snapshot, shape (n,).
        later: place of the same customer one period later, shape (n,).

    Returns:
        `now`, `later`, `snapshots`, `share` of those that stood in `now`; all pairs of places.
    """
    counts = np.zeros((len(PLACES), len(PLACES)), dtype=np.int64)
    np.add.at(counts, (now, later), 1)
    all_now = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, all_now, out=np.full(counts.shape, np.nan), where=all_now > 0)
    pairs = [(a, b) for a in PLACES for b in PLACES]
    table = pd.DataFrame(pairs, columns=["now", "later"])
    return table.assign(snapshots=counts.ravel(), share=share.ravel())


def forbidden(now: Ints, later: Ints) -> int:
    """Snapshots that skipped: from examination or regression to stable within a period."""
    stage_now, stage_later = (np.minimum(place, Stage.REGRESSION) for place in (now, later))
    anyone = np.ones(len(now), dtype=bool)
    legal = legal_moves(stage_now.astype(np.int8), ~anyone)
    return int((~legal[np.arange(len(now)), stage_later]).sum())


def would_skip(history: History, spec: StageSpec, spells: Spells) -> tuple[int, int]:
    """Entries into formative at which the other conditions of stable held already, and all such entries.

    Without the rule that a stage is held for a period, and that nobody goes to
    stable but from formative, these would have gone straight to stable.
    """
    entered = spells.only(spells.stage == Stage.FORMATIVE)
    snapshots = Snapshots(entered.customer, entered.begin)
    if not len(snapshots):
        return 0, 0
    past, rules = Past(history, snapshots, spec), spec.constants
    state = past.stages
    mature = (past.exact("order_day") >= rules.stable_days) & (past.tenure >= rules.settled_gaps * state.cadence)
    return int((mature & (state.level >= rules.holds_up * state.peak)).sum()), len(snapshots)
