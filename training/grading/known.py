"""What was known at the cut-off of a published week: what the baselines beside it are fitted on."""

import numpy as np

from features.errors import DataError
from features.history import History
from training.backtest.run import as_then
from training.config import TrainingConfig
from training.grading.week import Week
from training.sampling import share_at, some_of
from training.splits import split, thin
from training.table import Table

MOST_ROWS = 100_000
"""Snapshots that baselines learn from: none of them has more than a few numbers to learn."""


def known_then(week: Week, history: History, config: TrainingConfig) -> Table | None:
    """Snapshots whose period was over at the cut-off of a week, as training would have taken them then.

    Args:
        week: what was published.
        history: all orders; those on or after the cut-off are not looked at.
        config: of training: how far it looks back.

    Returns:
        Facts and labels without features; None where the orders begin too late.
    """
    spec = week.scorer.spec
    try:
        cutoffs = split(history.first_day, week.day, spec.hold_days, config, judge=0).finished
    except DataError:
        return None
    then, most = as_then(history, week.day), min(MOST_ROWS, config.fit_rows)
    rows = np.array([len(then.known(cutoff)) for cutoff in cutoffs])
    chosen = thin(cutoffs, rows, most)
    return Table.of(then, some_of(then, chosen, share_at(then, chosen, most)), spec, [], week.day)
