"""Folds lie before all that judges a model, each part a gap before the next, and know nothing of later rows."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest

from features.errors import DataError
from features.history import History
from training.config import Recipe
from training.log import Log
from training.splits import split
from training.tuning.config import TuningConfig
from training.tuning.folds import folds

PERIOD = 28


@pytest.fixture(scope="module")
def tuned(recipe: Recipe) -> Callable[..., Recipe]:
    """The recipe with settings of tuning, and of training."""

    def with_settings(training: dict[str, object] | None = None, **tuning: object) -> Recipe:
        kept = recipe.training.model_copy(update=(training or {}) | {"tuning": TuningConfig(**tuning)})
        return replace(recipe, training=kept)

    return with_settings


@pytest.mark.parametrize("judges", [1, 2, 4])
@pytest.mark.parametrize("calibrates", [1, 2])
def test_every_label_window_ends_before_the_next_part_begins(
    history: History, as_of: int, tuned: Callable[..., Recipe], judges: int, calibrates: int
) -> None:
    config = {"judge_cutoffs": judges, "calibrate_cutoffs": calibrates, "fit_weeks": 20}
    recipe = tuned(config, folds=3, rows=1000)
    found = folds(Log.of(history), as_of, recipe)
    judged = split(history.first_day, as_of, PERIOD, recipe.training).judge

    assert found[0].judge[0] + PERIOD <= judged[0]
    assert [one.judge[0] - other.judge[0] for one, other in pairwise(found)] == [PERIOD] * 2
    for fold in found:
        assert fold.fit[-1] + PERIOD <= fold.calibrate[0]
        assert fold.calibrate[-1] + PERIOD <= fold.judge[0]
        assert len(fold.judge) == 1


def test_a_short_log_has_fewer_folds(history: History, as_of: int, tuned: Callable[..., Recipe]) -> None:
    early = history.first_day + 7 * 12 + 6 * PERIOD  # three cut-offs that judge, one that calibrates, two that fit

    assert len(folds(Log.of(history), early, tuned({"judge_cutoffs": 3}, folds=9))) == 1
    assert len(folds(Log.of(history), early + 2 * PERIOD, tuned({"judge_cutoffs": 3}, folds=9))) == 3
    assert len(folds(Log.of(history), as_of, tuned(folds=4))) == 4
    with pytest.raises(DataError, match="too short"):
        folds(Log.of(history), early - PERIOD, tuned({"judge_cutoffs": 3}, folds=9))


def test_folds_share_their_weeks(history: History, as_of: int, tuned: Callable[..., Recipe]) -> None:
    newest, *older = folds(Log.of(history), as_of, tuned({"fit_weeks": 30}, rows=1000))
    apart = newest.fit[-1] - newest.fit[-2]

    assert apart > 7
    for fold in older:
        assert all((newest.fit[-1] - cutoff) % apart == 0 for cutoff in fold.fit)
        assert newest.fit[-1] - fold.fit[-1] >= PERIOD
