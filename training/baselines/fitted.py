"""Plain models of recency, frequency and money: logistic regressions, and LightGBM as it comes."""

from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import SplineTransformer, StandardScaler

from features.fixed import Floats
from features.stages.moves import Booleans
from training.baselines.blas import one_blas_thread
from training.baselines.shares import Outcome
from training.splits import apart
from training.table import Table

NEWEST = 5
"""Cut-offs that `logistic_rfm_btyd` is fitted on."""


def recency_only(past: Table, later: Table, outcome: Outcome) -> Floats:
    """Logistic regression on a spline of log recency."""
    spline = SplineTransformer(n_knots=6, knots="quantile")
    return _logistic(spline, _log_recency(past), outcome(past), _log_recency(later))


def logistic_rfm(past: Table, later: Table, outcome: Outcome) -> Floats:
    """Logistic regression on logs of recency, frequency, tenure and mean order-day value, and their products."""
    return _logistic(StandardScaler(), _rfm(past.facts), outcome(past), _rfm(later.facts))


def logistic_rfm_btyd(past: Table, later: Table, outcome: Outcome, period_days: int) -> Floats:
    """The same with the log odds to order of BG/NBD, MBG/NBD and Pareto/NBD beside.

    Fitted on the newest `NEWEST` cut-offs a period apart: these models are fitted anew at each, label
    windows that overlap would add little, and older cut-offs tell of another level of the shop.
    """
    newest = apart(np.unique(past.snapshots.cutoff), period_days)[:NEWEST]
    said = past.btyd.columns(period_days, newest)
    rows = said.index.to_numpy()
    known = np.hstack([_rfm(past.facts.iloc[rows]), _logits(said)])
    unknown = np.hstack([_rfm(later.facts), _logits(later.btyd.columns(period_days))])
    return _logistic(StandardScaler(), known, outcome(past)[rows], unknown)


def lightgbm_rfm(past: Table, later: Table, outcome: Outcome) -> Floats:
    """LightGBM with its own defaults on recency, frequency, tenure and mean order-day value."""
    return _lightgbm("binary", past, outcome(past), later)


def lightgbm_rfm_spend(past: Table, later: Table) -> Floats:
    """The same for net spend in the period, by squared error."""
    return _lightgbm("l2", past, past.labels.spend, later)


def _lightgbm(objective: str, past: Table, target: Booleans | Floats, later: Table) -> Floats:
    parameters = {"objective": objective, "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 0}
    names = [name for name in ("recency", "order_days", "tenure", "order_day_value") if name in past.facts]
    data = lgb.Dataset(past.facts[names], label=target, params={"verbosity": -1})
    booster = lgb.train({**parameters, "verbosity": -1}, data, num_boost_round=100)
    return np.asarray(booster.predict(later.facts[names], num_threads=1))


def _logistic(scaled: Any, known: Floats, happened: Booleans, unknown: Floats) -> Floats:
    if happened.all() or not happened.any():
        return np.full(len(unknown), (happened.sum() + 0.5) / (len(happened) + 1))
    model = make_pipeline(scaled, LogisticRegression(max_iter=2000))
    with one_blas_thread():
        model.fit(known, happened)
        return np.asarray(model.predict_proba(unknown)[:, 1])


def _log_recency(table: Table) -> Floats:
    return np.asarray(np.log1p(table.facts[["recency"]]))


def _rfm(facts: pd.DataFrame) -> Floats:
    recency, frequency, tenure = np.log1p(facts["recency"]), np.log(facts["order_days"]), np.log1p(facts["tenure"])
    columns = [recency, frequency, tenure, recency * frequency, tenure * frequency]
    if "order_day_value" in facts:
        columns.append(np.log1p(facts["order_day_value"].clip(lower=0).fillna(0)))
    return np.column_stack(columns)


def _logits(columns: pd.DataFrame) -> Floats:
    return columns[[name for name in columns if str(name).endswith("_logit")]].to_numpy()
