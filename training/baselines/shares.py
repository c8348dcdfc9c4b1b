"""Shares and means of the past: what came of those in the same state, with no model at all."""

from collections.abc import Callable

import numpy as np

from features.fixed import Floats, Ints
from features.stages.moves import Booleans
from training.table import Table

Outcome = Callable[[Table], Booleans]
"""What happened or not, of each row of a table, (n,)."""

STANDINGS = 8


def standing(table: Table) -> Ints:
    """Stage, with the sub-states of regression apart, as one code below `STANDINGS`, (n,)."""
    return table.now.stage.astype(np.int64) + table.now.sub_state.astype(np.int64)


def base_rate(past: Table, later: Table, outcome: Outcome) -> Floats:
    """The share of the past, for everyone."""
    return np.full(len(later), outcome(past).mean())


def by_stage(past: Table, later: Table, outcome: Outcome) -> Floats:
    """The share of the past among those in the same stage and sub-state."""
    return _shares(standing(past), outcome(past))[standing(later)]


def spend_by_stage(past: Table, later: Table) -> Floats:
    """The mean net spend in the period of the past among those in the same stage and sub-state."""
    return _shares(standing(past), past.labels.spend)[standing(later)]


def persistence(past: Table, later: Table, outcome: Outcome, already: Outcome) -> Floats:
    """The share of the past among those whose newest known outcome is the same.

    Args:
        past: snapshots with known outcomes.
        later: snapshots to predict.
        outcome: what happens or not.
        already: the same, one period before.
    """
    return _shares(already(past).astype(np.int64), outcome(past))[already(later).astype(np.int64)]


def hiatus_rule(past: Table, later: Table, outcome: Outcome) -> Floats:
    """Who has been silent for longer than so many days is gone; the share of the past on either side.

    The rule managers use (Wuebben, von Wangenheim (2008), "Instant customer base analysis:
    managerial heuristics often get it right", Journal of Marketing 72(3)), with the number of days
    that parts the past best, by log loss.
    """
    silence, happened = _days(past), outcome(past)
    limit = _best_limit(silence, happened)
    return _shares((silence > limit).astype(np.int64), happened)[(_days(later) > limit).astype(np.int64)]


def _days(table: Table) -> Ints:
    return table.facts["recency"].to_numpy(np.int64)


def _best_limit(silence: Ints, happened: Booleans) -> int:
    """Days of silence at most, on the one side, that make the log loss of the two shares smallest."""
    rows, yes = (np.bincount(silence, weights).cumsum() for weights in (np.ones(len(silence)), happened))
    return int(np.argmin(_log_loss(rows, yes) + _log_loss(rows[-1] - rows, yes[-1] - yes)))


def _log_loss(rows: Floats, yes: Floats) -> Floats:
    """Summed log loss of a share told of its own rows."""
    share = yes / np.maximum(rows, 1)
    told = np.clip(share, 1e-300, 1), np.clip(1 - share, 1e-300, 1)
    return np.asarray(-yes * np.log(told[0]) - (rows - yes) * np.log(told[1]))


def _shares(code: Ints, came: Booleans | Floats) -> Floats:
    """The share, or mean, of each code, with one more row of that of all, so that no share is 0 or 1."""
    rows = np.bincount(code, minlength=STANDINGS)
    return np.asarray((np.bincount(code, came, STANDINGS) + came.mean()) / (rows + 1))
