"""A make-believe trial that takes no time: its loss falls to a level that the parameters alone decide."""

from collections.abc import Callable
from math import log
from pathlib import Path

import optuna
from optuna.trial import TrialState

from training.config import BoosterConfig, TrainingConfig
from training.tuning import workers
from training.tuning.course import Course
from training.tuning.journal import study_in
from training.tuning.space import RANGES, present_parameters
from training.tuning.trial import GoOn, Outcome

STEPS = 12
CONFIG = TrainingConfig(threads=1)
FACTS = {"orders": "0123", "rows": "1000"}
SPACE = {name: span.distribution for name, span in RANGES.items()}

Try = Callable[[object, TrainingConfig, GoOn], Outcome | None]


class KilledError(BaseException):
    """Stands for kill -9: nothing is written after it."""


def level(booster: BoosterConfig) -> float:
    """Best at a rate of 0.06 and 16 leaves; the present parameters are near it."""
    return 0.5 + 0.1 * log(booster.learning_rate / 0.06) ** 2 + 0.05 * log(booster.num_leaves / 16) ** 2


def pretended(_: object, config: TrainingConfig, go_on: GoOn) -> Outcome | None:
    curve = [level(config.booster) + 0.5 ** (step + 1) for step in range(STEPS)]
    for step, reached in enumerate(curve):
        if not go_on(step, reached):
            return None
    return Outcome(curve[-1], 10 * STEPS, {"order": curve[-1]}, [curve[-1]], curve, 10, 0.0)


def killed_at(trial: int, step: int) -> Try:
    """The process dies in the middle of one of its trials."""
    begun = -1

    def dying(lessons: object, config: TrainingConfig, go_on: GoOn) -> Outcome | None:
        nonlocal begun
        begun += 1

        def unless_killed(at: int, loss: float) -> bool:
            if (begun, at) == (trial, step):
                raise KilledError
            return go_on(at, loss)

        return pretended(lessons, config, unless_killed)

    return dying


def session(folder: Path, trials: int = 12, seconds: float | None = None) -> optuna.Study:
    """One session of a study: whatever stands in the place of a trial is run until it is enough."""
    with study_in(folder, FACTS, present_parameters(CONFIG.booster)) as study:
        course = Course(study, SPACE, CONFIG.seed, trials, seconds)
        workers.run_alone(course, None, CONFIG, lambda: None)  # type: ignore[arg-type]  # nothing is learnt
        return study


def told(study: optuna.Study) -> list[tuple[object, ...]]:
    """All that is known of each trial that told something."""
    trials = study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED))
    return [(trial.state, trial.params, trial.value, trial.intermediate_values) for trial in trials]
