"""What the best of many sets must show before it takes the place of the present one."""

import numpy as np
import pytest

from training.config import BoosterConfig, TrainingConfig
from training.tuning.chance import advantage, by_chance
from training.tuning.lessons import Lessons
from training.tuning.trial import row_losses, try_out, with_parameters

CONFIG = TrainingConfig(threads=1, booster=BoosterConfig(learning_rate=0.2, min_data_in_leaf=20))
SLOW = {"learning_rate": 0.03}


@pytest.mark.parametrize("sets", [2, 10, 60, 400])
def test_the_best_of_sets_without_merit_stays_below_the_bound(sets: int) -> None:
    best = np.random.default_rng(0).normal(size=(4000, sets)).max(axis=1)
    assert best.mean() < by_chance(sets) < best.mean() + 1
    assert by_chance(sets) < by_chance(sets + 1)


def test_the_rows_losses_are_those_of_a_trial(lessons: Lessons) -> None:
    outcome = try_out(lessons, CONFIG, lambda step, _: step < 2)
    assert outcome is None
    steps: list[float] = []
    try_out(lessons, CONFIG, lambda _, loss: len(steps) < 2 and not steps.append(loss))
    rows = row_losses(lessons, CONFIG, 2 * 3)
    assert np.mean([one.mean() for one in rows]) == pytest.approx(steps[1], abs=1e-12)
    assert [len(one) for one in rows] == [len(lesson.judge.place) for lesson in lessons.lessons]


def test_what_has_learnt_next_to_nothing_is_clearly_worse(lessons: Lessons) -> None:
    found = advantage(lessons, CONFIG, ({"learning_rate": 0.2}, 12), (SLOW, 1))
    assert found > by_chance(60)
    assert advantage(lessons, CONFIG, (SLOW, 1), ({"learning_rate": 0.2}, 12)) == pytest.approx(-found)


def test_a_set_has_no_advantage_over_itself(lessons: Lessons) -> None:
    assert advantage(lessons, CONFIG, (SLOW, 4), (SLOW, 4)) == 0


def test_parts_of_a_fold_count_as_one_witness(lessons: Lessons) -> None:
    """The same part twice says no more than once; as independent witnesses two would."""
    one = [lesson for lesson in lessons.lessons if (lesson.part, lesson.fold) == ("order", 0)]
    once, twice = Lessons(lessons.binned, one), Lessons(lessons.binned, one * 2)
    pair = (({"learning_rate": 0.2}, 6), (SLOW, 2))
    assert advantage(twice, CONFIG, *pair) == pytest.approx(advantage(once, CONFIG, *pair))
    assert with_parameters(CONFIG, SLOW, 1).booster.learning_rate == SLOW["learning_rate"]
