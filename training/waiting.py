"""Fit how long customers may be waited for, on what was known at the newest cut-off of a table."""

import numpy as np

from features.fixed import Floats
from features.model.waiting import COLUMNS, Waiting
from training.baselines.btyd.beta_geometric import MbgNbd
from training.baselines.btyd.by_cutoff import histories_of
from training.table import Table

_FACTS = ("recency", "tenure", "order_days")


def fit_waiting(table: Table, cutoff: int | None = None) -> Waiting | None:
    """MBG/NBD of the customers known at a cut-off; None where the model may not learn from its columns.

    It is fitted on the orders before that cut-off alone: labels are not looked at.

    Args:
        table: snapshots.
        cutoff: one of its cut-offs; the newest if none is named.
    """
    if not set(COLUMNS) <= set(table.features.columns):
        return None
    there = table.snapshots.cutoff == (table.snapshots.cutoff.max() if cutoff is None else cutoff)
    found = MbgNbd.fit(histories_of(table.facts.loc[there]).distinct())
    return Waiting(r=found.r, alpha=found.alpha, a=found.a, b=found.b)


def expected_orders(table: Table, waiting: Waiting | None, days: int) -> Floats | None:
    """Log odds of an order within so many days of each row's cut-off, shape (n,)."""
    if waiting is None:
        return None
    recency, tenure, order_days = (table.facts[name].to_numpy(np.float64) for name in _FACTS)
    return waiting.logit(recency, tenure, order_days, days)
