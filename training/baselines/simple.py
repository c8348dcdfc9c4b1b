"""Baselines that need no boosting: base rate, persistence, transition table, recency, R-F-M.

Each is fitted on the cut-offs the model was fitted and calibrated on, and predicts the later ones.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

from features.fixed import Floats, Ints
from features.stages.moves import Booleans, Stage, legal_moves
from features.windows import weeks
from training.baselines.btyd import fit_bgnbd
from training.table import USUAL_WEEKS, Table

Outcome = Callable[[Table], Booleans]


def base_rate(past: Table, later: Table, outcome: Outcome) -> Floats:
    """The share of the past, for everyone."""
    return np.full(len(later), outcome(past).mean())


def by_stage(past: Table, later: Table, outcome: Outcome) -> Floats:
    """The share of the past among those in the same stage and sub-state."""
    key = _standing(past)
    rates = (np.bincount(key, outcome(past), _STANDINGS) + outcome(past).mean()) / (
        np.bincount(key, minlength=_STANDINGS) + 1
    )
    return np.asarray(rates[_standing(later)])


def recency_only(past: Table, later: Table, outcome: Outcome) -> Floats:
    """Logistic regression on a spline of log recency."""
    model = make_pipeline(SplineTransformer(n_knots=6, knots="quantile"), LogisticRegression(max_iter=2000))
    model.fit(_log_recency(past), outcome(past))
    return np.asarray(model.predict_proba(_log_recency(later))[:, 1])


def logistic_rfm(past: Table, later: Table, outcome: Outcome) -> Floats:
    """Logistic regression on logs of recency, frequency, tenure and mean order-day value, and their products."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    model.fit(_rfm(past.facts), outcome(past))
    return np.asarray(model.predict_proba(_rfm(later.facts))[:, 1])


def bgnbd_to_order(later: Table, period_days: int) -> Floats:
    """BG/NBD probability of an order in the period, fitted anew at each cut-off on all that came before it.

    This favours the baseline: the model itself is not fitted again.
    """
    probability = np.empty(len(later))
    for cutoff in np.unique(later.snapshots.cutoff):
        rows = later.snapshots.cutoff == cutoff
        facts = later.facts.loc[rows]
        repeat = facts["order_days"].to_numpy() - 1
        age = facts["tenure"].to_numpy() / 7
        last = (facts["tenure"] - facts["recency"]).to_numpy() / 7
        probability[rows] = fit_bgnbd(repeat, last, age).probability_to_order(repeat, last, age, period_days / 7)
    return probability


def persistence(_past: Table, later: Table) -> Floats:
    """Everyone stays: almost all of the probability on the stage now; shape (n, 4)."""
    return np.asarray(np.where(np.eye(len(Stage), dtype=bool)[later.now.stage], 0.97, 0.01))


def usual_spend(later: Table, period_days: int) -> Floats:
    """Everyone goes on spending as in the last weeks; shape (n,)."""
    return np.asarray(later.facts["usual_spend"] * period_days / weeks(USUAL_WEEKS))


def transition_table(past: Table, later: Table) -> Floats:
    """Shares of the past moves from the same stage and sub-state, cut to legal moves; shape (n, 4)."""
    counts = np.zeros((_STANDINGS, len(Stage)))
    np.add.at(counts, (_standing(past), past.labels.next_stage), 1)
    weights = np.where(legal_moves(later.now.stage, later.reached_formative), counts[_standing(later)] + 0.5, 0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


_STANDINGS = 8


def _standing(table: Table) -> Ints:
    """Stage, with the sub-states of regression apart, as one code."""
    return table.now.stage.astype(np.int64) + table.now.sub_state.astype(np.int64)


def _log_recency(table: Table) -> Floats:
    return np.asarray(np.log1p(table.facts[["recency"]]))


def _rfm(facts: pd.DataFrame) -> Floats:
    recency, frequency, tenure = np.log1p(facts["recency"]), np.log(facts["order_days"]), np.log1p(facts["tenure"])
    columns = [recency, frequency, tenure, recency * frequency, tenure * frequency]
    if "order_day_value" in facts:
        columns.append(np.log1p(facts["order_day_value"].clip(lower=0).fillna(0)))
    return np.column_stack(columns)
