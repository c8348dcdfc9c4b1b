"""The next stage without a model: everyone stays, or moves as people in the same place did."""

import numpy as np

from features.fixed import Floats
from features.stages.moves import Stage, legal_moves
from training.baselines.shares import STANDINGS, standing
from training.table import Table


def persistence(_past: Table, later: Table) -> Floats:
    """Everyone stays: almost all of the probability on the stage now; shape (n, 4)."""
    return np.asarray(np.where(np.eye(len(Stage), dtype=bool)[later.now.stage], 0.97, 0.01))


def transition_table(past: Table, later: Table) -> Floats:
    """Shares of the past moves from the same stage and sub-state, cut to legal moves; shape (n, 4)."""
    counts = np.zeros((STANDINGS, len(Stage)))
    np.add.at(counts, (standing(past), past.labels.next_stage), 1)
    weights = np.where(legal_moves(later.now.stage, later.reached_formative), counts[standing(later)] + 0.5, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
