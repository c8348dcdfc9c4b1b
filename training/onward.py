"""Fit what comes after a period without an order, on the customers who were so silent at past cut-offs."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from features.fixed import Floats
from features.model.calibration import probability
from features.model.onward import VALUE, Onward, Seen
from features.model.waiting import COLUMNS, Waiting
from features.stages.moves import Booleans
from training.calibrate import FEWEST
from training.splits import apart
from training.table import Table

_HOLD = 100.0
"""How firmly the slopes are held at MBG/NBD, which are 0: a standard deviation of a tenth, on standardised columns."""


def fit_onward(tables: tuple[Table, ...], waiting: Waiting | None, period_days: int) -> Onward | None:
    """Logistic regression around MBG/NBD of an order in the period, of those who are silent for a period or longer.

    What will be known of a customer who orders nothing for a while is what is known today of those who have ordered
    nothing for that while, so no label window longer than a period is needed, and the newest finished one counts.

    Args:
        tables: ascending in time; of their cut-offs those a period apart, from the newest backwards.
        waiting: MBG/NBD of them.
        period_days: length of their label windows.

    Returns:
        None without MBG/NBD, or with hardly an order or nearly always an order among the silent.
    """
    if waiting is None:
        return None
    features, ordered = _silent(tables, period_days)
    if min(ordered.sum(), (~ordered).sum()) < FEWEST:
        return None
    return fit_slopes(Seen.of(features), ordered, waiting, period_days)


def _silent(tables: tuple[Table, ...], period_days: int) -> tuple[pd.DataFrame, Booleans]:
    cutoff = np.concatenate([table.snapshots.cutoff for table in tables])
    ordered = np.concatenate([table.labels.ordered for table in tables])
    names = [name for name in (*COLUMNS, VALUE) if name in tables[0].features]
    features = pd.concat([table.features[names] for table in tables], ignore_index=True)
    rows = np.isin(cutoff, apart(np.unique(cutoff), period_days)) & (features["recency"] >= period_days).to_numpy()
    return features.loc[rows], ordered[rows]


def fit_slopes(seen: Seen, outcome: Booleans, waiting: Waiting, period_days: int) -> Onward:
    """The likeliest slopes under a normal prior round 0, and the level; `outcome` is an order in the period, (n,)."""
    z = seen.logit(waiting, period_days)
    x = seen.columns(z)
    middle, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    scaled = (x - middle) / spread
    hold = np.append(np.full(x.shape[1], _HOLD), 0.0)

    def loss(theta: Floats) -> tuple[float, Floats]:
        logit = z + (scaled * theta[:-1]).sum(axis=1) + theta[-1]
        off = probability(logit) - outcome
        value = np.logaddexp(0, logit).sum() - logit[outcome].sum() + (hold * theta**2).sum() / 2
        return float(value), np.append((scaled * off[:, None]).sum(axis=0), off.sum()) + hold * theta

    theta = minimize(loss, np.zeros(len(hold)), jac=True, method="L-BFGS-B").x
    slopes = theta[:-1] / spread
    return Onward(level=float(theta[-1] - (slopes * middle).sum()), slopes=tuple(float(slope) for slope in slopes))
