"""Lessons of two folds of a real history."""

from dataclasses import replace

import pytest

from features.history import History
from features.stages.fit import fit_spec
from training.bench import Bench
from training.config import Recipe
from training.log import Log
from training.splits import Split
from training.table import Table
from training.tuning.folds import folds
from training.tuning.lessons import Lessons

TARGETS = ("order", "regression", "otherwise", "spend")


@pytest.fixture(scope="session")
def folded(history: History, as_of: int, recipe: Recipe) -> tuple[Table, list[Split]]:
    """The table of two folds."""
    tuning = recipe.training.tuning.model_copy(update={"folds": 2, "rows": 1000})
    recipe = replace(recipe, training=recipe.training.model_copy(update={"tuning": tuning}))
    splits = folds(Log.of(history), as_of, recipe)
    spec = fit_spec(history, splits[-1].calibrate[0], 28, recipe.stages, recipe.clock)
    cutoffs = sorted({c for fold in splits for c in (*fold.fit, *fold.calibrate, *fold.judge)})
    return Bench(Log.of(history), spec, recipe, as_of, lambda _: None).table(cutoffs), splits


@pytest.fixture(scope="session")
def lessons(folded: tuple[Table, list[Split]]) -> Lessons:
    return Lessons.of(*folded, 28, TARGETS, 5)
