"""Whether the best of many sets of parameters is better than the present one by more than chance.

The best of n sets that are all as good as the present one looks better than it
by up to sqrt(2 ln n) standard errors (the expected largest of n normal numbers
is at most that; Boucheron, Lugosi, Massart 2013, "Concentration inequalities",
section 2.5). What gains less has shown nothing.
"""

import math
from collections.abc import Mapping

import numpy as np

from features.fixed import Floats
from training.config import TrainingConfig
from training.tuning.lessons import Lessons
from training.tuning.trial import row_losses, with_parameters

Chosen = tuple[Mapping[str, float], int]
"""Parameters, and the number of rounds."""


def by_chance(sets: int) -> float:
    """Standard errors by which the best of so many sets may look better by chance alone."""
    return math.sqrt(2 * math.log(max(sets, 1)))


def advantage(lessons: Lessons, config: TrainingConfig, best: Chosen, present: Chosen) -> float:
    """By how many standard errors the best set has less loss than the present one, row by row.

    Rows of a fold are different customers and count as independent. Parts of a
    fold are about the same customers, so their errors are added up; those of
    folds are squared first.

    Args:
        lessons: what is learnt and judged.
        config: of training.
        best: the set that looks best.
        present: the set it is held against.
    """
    now, then = (
        row_losses(lessons, with_parameters(config, dict(chosen), config.threads), rounds)
        for chosen, rounds in (best, present)
    )
    less = [theirs - mine for mine, theirs in zip(now, then, strict=True)]
    errors: dict[int, float] = {}
    for lesson, one in zip(lessons.lessons, less, strict=True):
        errors[lesson.fold] = errors.get(lesson.fold, 0.0) + _error(one)
    whole = math.hypot(*errors.values())
    return float(sum(one.mean() for one in less) / whole) if whole else 0.0


def _error(values: Floats) -> float:
    return float(np.std(values) / math.sqrt(len(values)))
