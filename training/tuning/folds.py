"""Folds by time: what a set of parameters is judged on lies before all that judges the model later."""

from dataclasses import replace

from features.clock import WEEK
from features.errors import DataError
from training.config import Recipe
from training.log import Log
from training.splits import Split, split, thin


def folds(log: Log, end: int, recipe: Recipe) -> list[Split]:
    """Splits, the newest first, each a period before the one before it.

    The newest ends where the first cut-off begins on which training would
    judge, so that its judgement of tuned parameters stays an honest one.

    Args:
        log: all orders.
        end: tick up to which orders are known.
        recipe: how to train and tune.

    Raises:
        DataError: the log is too short for one fold.
    """
    period, training = recipe.period_days, recipe.training
    last = split(log.first_day, end, period, training).judge[0]
    found = [_at(log, last, recipe)]
    for k in range(1, training.tuning.folds):
        try:
            found.append(_at(log, last - k * period, recipe))
        except DataError:  # one fold fewer, in a short log
            break
    return _thinned(found, log, training.tuning.rows)


def _at(log: Log, end: int, recipe: Recipe) -> Split:
    return split(log.first_day, end, recipe.period_days, recipe.training, judge=1)


def _thinned(found: list[Split], log: Log, rows: int) -> list[Split]:
    """The same weeks in every fold, so that one table holds them all."""
    newest = found[0].fit
    kept = thin(newest, log.known(newest), rows)
    every = (kept[-1] - kept[-2]) if len(kept) > 1 else WEEK
    return [
        replace(fold, fit=[c for c in fold.fit if (newest[-1] - c) % every == 0] or fold.fit[-1:]) for fold in found
    ]
