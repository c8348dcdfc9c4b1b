"""Run the trials of a course in rounds, as many at a time as an engine has workers.

A worker is told parameters and the losses above which they are given up, and
says what came: so a trial whose worker is lost is done again by another one,
and nothing else is. Between two rounds the course decides as it always does.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from pathlib import Path

import numpy as np
import optuna
from lightgbm.basic import LightGBMError
from optuna.trial import Trial

from features.engine import Engine
from training.config import TrainingConfig
from training.tuning.course import Course, finished
from training.tuning.journal import PRESENT, STARTUP, WARMUP
from training.tuning.lessons import Lessons
from training.tuning.trial import STEPS, Outcome, try_out, with_parameters
from training.tuning.workers import After


@dataclass(frozen=True)
class Attempt:
    """A trial for a worker.

    Attributes:
        chosen: the parameters.
        limits: after each step the loss above which it is given up; NaN where it never is.
        seconds: after which it is broken off; None for never.
    """

    chosen: dict[str, float]
    limits: tuple[float, ...]
    seconds: float | None


@dataclass
class Came:
    """What came of an attempt.

    Attributes:
        curve: loss after each step.
        outcome: None where it was given up, broken off, or went wrong.
        late: whether it was broken off.
        error: what went wrong.
    """

    curve: list[float] = field(default_factory=list)
    outcome: Outcome | None = None
    late: bool = False
    error: str | None = None


@dataclass(frozen=True)
class Worker:
    """Tries what it is given; the folder holds the lessons, which a process reads once."""

    folder: Path
    config: TrainingConfig

    def __call__(self, attempt: Attempt) -> Came:
        """Try a set of parameters."""
        came, begun = Came(), time.monotonic()

        def go_on(step: int, loss: float) -> bool:
            came.curve.append(loss)
            came.late = attempt.seconds is not None and time.monotonic() - begun >= attempt.seconds
            return not (came.late or min(came.curve) > attempt.limits[step])

        chosen = with_parameters(self.config, attempt.chosen, self.config.threads or 1)
        try:
            came.outcome = try_out(_lessons(self.folder), chosen, go_on)
        except LightGBMError as error:
            came.error = str(error)
        return came


def run_rounds(course: Course, worker: Worker, engine: Engine, after: After) -> None:
    """Run trials on the workers of an engine.

    Args:
        course: of the study.
        worker: what each does.
        engine: whose workers reach the folder of the lessons.
        after: called after each trial.
    """
    course.begin()
    while trials := list(islice(_next(course), engine.workers)):
        waiting = trials.copy()
        try:
            for came in engine.map(worker, [_attempt(course, trial) for trial in trials]):
                _close(course, waiting.pop(0), came)
                after()
        except BaseException:
            for trial in waiting:
                course.put_back(trial)
            raise


def _next(course: Course) -> Iterator[Trial]:
    while (trial := course.next()) is not None:
        yield trial


def _attempt(course: Course, trial: Trial) -> Attempt:
    """The present parameters are tried to the end."""
    if trial.user_attrs.get(PRESENT):
        return Attempt(trial.params, (np.nan,) * STEPS, None)
    return Attempt(trial.params, limits(course.study), course.left)


def _close(course: Course, trial: Trial, came: Came) -> None:
    for step, loss in enumerate(came.curve):
        trial.report(loss, step)
    if came.late:
        course.put_back(trial)
    elif came.error is not None:
        course.fail(trial, came.error)
    else:
        course.finish(trial, came.outcome)


def limits(study: optuna.Study) -> tuple[float, ...]:
    """Losses above which Optuna's median pruner gives a trial up, step by step."""
    curves = [trial.intermediate_values for trial in finished(study)]
    if len(curves) < STARTUP:
        return (np.nan,) * STEPS
    known = [[curve[step] for curve in curves if step in curve] for step in range(STEPS)]
    return tuple(float(np.median(losses)) if losses and step >= WARMUP else np.nan for step, losses in enumerate(known))


@lru_cache(maxsize=1)
def _lessons(folder: Path) -> Lessons:
    return Lessons.load(folder)
