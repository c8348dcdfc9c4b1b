"""One trial: a set of parameters is learnt with and judged in every fold at once, a few rounds at a time.

All boosters of a trial go forward together, so after each step there is one
loss of the whole trial: it can be given up early, and the number of rounds is
the one at which that loss was least. A step is as many rounds as give the same
progress at any learning rate, so that slow learners are not given up for being slow.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import lightgbm as lgb
import numpy as np

from features.fixed import Floats
from features.model.calibration import log_odds, probability
from features.stages.moves import Stage, stage_distribution
from training.calibrate import fit_blend, shift
from training.config import BoosterConfig, TrainingConfig
from training.fit import parameters
from training.tuning.lessons import BINNING, Lesson, Lessons, Sets
from training.tuning.losses import by_row, unexplained

PACE = 0.6
"""Learning rate times rounds of a step: 20 rounds at a rate of 0.03."""

STEPS, PATIENCE = 40, 4
"""Steps at most, and steps without a gain after which a trial ends."""

GAIN = 1e-4
"""Part of the loss that counts as a gain: less is noise, and rounds cost time."""

BY_COLUMN = {"force_row_wise": False, "force_col_wise": True}
"""How LightGBM counts a lesson. By rows it reckons from the whole table how many entries a lesson has, and keeps
their places in 16 bits where that seems enough: a small lesson of fuller rows runs over, and the process dies."""

GoOn = Callable[[int, float], bool]
"""Told a step and the loss after it; says whether to go on."""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial.

    Attributes:
        loss: mean over folds and parts, after the best number of rounds.
        rounds: that number.
        parts: loss by part of the model, mean over folds.
        folds: loss by fold, the newest first, mean over parts.
        curve: loss after each step.
        stride: rounds of a step.
        seconds: how long it took.
    """

    loss: float
    rounds: int
    parts: dict[str, float]
    folds: list[float]
    curve: list[float]
    stride: int
    seconds: float

    def facts(self) -> dict[str, object]:
        """All of it as plain data."""
        return asdict(self)


def try_out(lessons: Lessons, config: TrainingConfig, go_on: GoOn) -> Outcome | None:
    """Try the parameters of a configuration.

    Args:
        lessons: what is learnt and judged.
        config: `booster` holds the parameters; `seed` and `threads` count, too.
        go_on: asked after each step.

    Returns:
        None where `go_on` said no.
    """
    began = time.perf_counter()
    learners = _learners(lessons, config)
    stride = max(1, round(PACE / config.booster.learning_rate))
    losses: list[list[float]] = []
    for step in range(STEPS):
        losses.append([learner.after(stride) for learner in learners])
        if not go_on(step, float(np.mean(losses[-1]))):
            return None
        if _settled(np.mean(losses, axis=1)):
            break
    curve = np.mean(losses, axis=1)
    best = _best(curve)
    by_lesson = dict(zip([(one.part, one.fold) for one in lessons.lessons], losses[best], strict=True))
    return Outcome(
        float(curve[best]),
        stride * (best + 1),
        {name: _mean(by_lesson, 0, name) for name in dict.fromkeys(part for part, _ in by_lesson)},
        [_mean(by_lesson, 1, fold) for fold in sorted({fold for _, fold in by_lesson})],
        [float(loss) for loss in curve],
        stride,
        time.perf_counter() - began,
    )


def row_losses(lessons: Lessons, config: TrainingConfig, rounds: int) -> list[Floats]:
    """The loss of each row that judges, lesson by lesson, after so many rounds."""
    return [learner.row_losses(rounds) for learner in _learners(lessons, config)]


def with_parameters(config: TrainingConfig, chosen: dict[str, float], threads: int) -> TrainingConfig:
    """The configuration with other parameters and threads; the chosen ones are checked like those of a file."""
    booster = BoosterConfig.model_validate(config.booster.model_dump() | chosen)
    return config.model_copy(update={"booster": booster, "threads": threads})


def _learners(lessons: Lessons, config: TrainingConfig) -> "list[_Learner]":
    return [_Learner(*pair, config) for pair in zip(lessons.lessons, lessons.sets, strict=True)]


class _Learner:
    """A booster on its way through a lesson."""

    def __init__(self, lesson: Lesson, sets: Sets, config: TrainingConfig) -> None:
        told = {**parameters(lesson.part, config), **BINNING, **BY_COLUMN, "metric": "None"}
        self._lesson, self._config = lesson, config
        self._booster = lgb.Booster(told, sets.fit)
        self._booster.add_valid(sets.calibrate, "calibrate").add_valid(sets.judge, "judge")

    def after(self, rounds: int) -> float:
        """The loss after some more rounds."""
        return unexplained(self._lesson.part, self._lesson.judge.truth, self.forecast(rounds))

    def row_losses(self, rounds: int) -> Floats:
        """The loss of each row that judges, after some more rounds."""
        return by_row(self._lesson.part, self._lesson.judge.truth, self.forecast(rounds))

    def forecast(self, rounds: int) -> Floats:
        """What is forecast of the rows that judge, after some more rounds."""
        for _ in range(rounds):
            self._booster.update()
        before, later = self._said()
        if self._lesson.part == "order":
            later = self._blended(before, later)
        if self._lesson.part == "regression":
            later = self._moved(before, later)
        if self._lesson.part == "otherwise":
            later = stage_distribution(np.zeros(len(later)), later, self._lesson.legal)[:, : Stage.REGRESSION]
        return later

    def _blended(self, before: Floats, later: Floats) -> Floats:
        """Orders as a trained model forecasts them: together with MBG/NBD, weighed on the calibration cut-offs."""
        lesson, newest = self._lesson, self._lesson.calibrate
        plain = newest.plain if lesson.beside else None
        blend = fit_blend(before, plain, newest.truth > 0, lesson.usual, self._config.level_trust, newest.season)
        return probability(blend.logit(later, lesson.judge.plain) + lesson.judge.season)

    def _moved(self, before: Floats, later: Floats) -> Floats:
        """At the level of the calibration cut-offs, as far as it is trusted; a whole map costs more than it tells."""
        off = shift(log_odds(before), self._lesson.calibrate.truth > 0)
        return probability(log_odds(later) + self._config.calibration_trust * off)

    def _said(self) -> list[Floats]:
        """What the booster says of the rows that calibrate, and of those that judge: LightGBM has both at hand."""
        said: list[Floats] = []

        def keep(predicted: Floats, _: lgb.Dataset) -> tuple[str, float, bool]:
            said.append(np.array(predicted, dtype=np.float64))
            return "kept", 0.0, False

        self._booster.eval_valid(keep)
        return said


def _best(curve: Floats) -> int:
    """The first step that is within the noise of the least loss."""
    return int(np.flatnonzero(curve <= curve.min() * (1 + GAIN))[0])


def _settled(curve: Floats) -> bool:
    return len(curve) - 1 - _best(curve) >= PATIENCE


def _mean(losses: dict[tuple[str, int], float], at: int, wanted: str | int) -> float:
    return float(np.mean([loss for key, loss in losses.items() if key[at] == wanted]))
