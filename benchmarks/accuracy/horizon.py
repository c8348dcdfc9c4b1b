"""CDNOW on 1998-01-01: who orders in the half-year that follows? The case that papers report.

A model is trained as always, on periods of four weeks before that day, and is asked for 181 days.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import expit

from features.clock import to_day
from features.fixed import Floats
from features.history import History
from features.stages.fit import fit_spec
from stagecast.config import Config
from training.bench import Bench
from training.bootstrap import Resampling
from training.fit import Step
from training.forecasts import ORDER, Forecasts
from training.judge import Judging, judge_forecasts
from training.ladder import MODEL
from training.log import Log
from training.scorecard import Scorecard
from training.splits import split
from training.table import Table

CUTOFF, DAYS = pd.Timestamp("1998-01-01").date(), 181
_PROCESSES = {"BG/NBD": "bgnbd_logit", "MBG/NBD": "mbgnbd_logit", "Pareto/NBD": "paretonbd_logit"}


def half_year(history: History, config: Config, step: Step) -> Scorecard:
    """Judge the probability to order within 181 days.

    Args:
        history: of CDNOW.
        config: its clock must tick on a Thursday.
        step: told, in words, what is being done.
    """
    day, recipe = to_day(CUTOFF), config.recipe
    past = split(history.first_day, day, recipe.period_days, recipe.training, judge=0)
    spec = fit_spec(history, past.calibrate[0], recipe.period_days, recipe.stages, recipe.clock)
    model, _ = Bench(Log.of(history), spec, recipe, day, step).fit(past)
    later = Bench(Log.of(history), spec, recipe, day + recipe.period_days, step).table([day])
    said = {MODEL: model.at(day).p_order_within(later.features, DAYS), **_classics(later)}
    forecasts = replace(Forecasts.about(later, {ORDER: said}), ordered=_ordered(history, later, day))
    return judge_forecasts(forecasts, Judging(Resampling(recipe.training.resamples, recipe.training.seed)))


def _classics(later: Table) -> dict[str, Floats]:
    """The processes that know any horizon; what is fitted on outcomes would need half-years in the past."""
    columns = later.btyd.columns(DAYS)
    return {name: expit(columns[column].to_numpy()) for name, column in _PROCESSES.items()}


def _ordered(history: History, later: Table, day: int) -> np.ndarray:
    now = history.before(later.snapshots.customer, np.full(len(later), day))
    then = history.before(later.snapshots.customer, np.full(len(later), day + DAYS))
    order_days = history.totals("order_day")
    return np.asarray(order_days[then] > order_days[now])
