"""Tune: run a study until it has as many trials as are wanted, or the time is over, and say what was found."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import optuna
import pandas as pd
from optuna.importance import get_param_importances
from optuna.trial import FrozenTrial, TrialState

from features.engine import apart
from features.errors import StagecastError
from features.files import temporary_folder
from training.config import BoosterConfig
from training.tuning.chance import advantage, by_chance
from training.tuning.course import DONE, FOLDS, PARTS, ROUNDS, SECONDS, Course, finished, present_trial
from training.tuning.desk import Desk
from training.tuning.journal import PRESENT, WHY, study_in
from training.tuning.lessons import Lessons
from training.tuning.rounds import Worker, run_rounds
from training.tuning.space import present_parameters, ranges
from training.tuning.workers import run_alone, run_together

_WEIGHED = "standard errors"

Log = Callable[["Found"], None]
"""Told what was found."""


@dataclass(frozen=True)
class Found:
    """What a study has found so far.

    Attributes:
        study: as Optuna knows it.
        desk: what it is about.
    """

    study: optuna.Study
    desk: Desk

    @property
    def best(self) -> FrozenTrial:
        """The trial with the least loss, the older one of two."""
        return min(finished(self.study), key=lambda trial: (_loss(trial), trial.number))

    @property
    def present(self) -> FrozenTrial:
        """The trial of the present parameters."""
        trial = present_trial(self.study)
        assert trial is not None, "the present parameters are tried first"
        return trial

    @property
    def any(self) -> bool:
        """Whether the present parameters have been tried."""
        return present_trial(self.study) is not None

    @property
    def booster(self) -> BoosterConfig:
        """The best parameters if they are clearly better, those that are not tuned as they were; else the present."""
        present = self.desk.recipe.training.booster
        if not self.clear:
            return present
        chosen = self.best.params | {"rounds": self.best.user_attrs[ROUNDS]}
        return BoosterConfig.model_validate(present.model_dump() | chosen)

    @property
    def advantage(self) -> float | None:
        """Standard errors by which the best set is better than the present one; None where it was not weighed yet."""
        weighed: dict[str, float] = self.study.user_attrs.get(_WEIGHED, {})
        return weighed.get(str(self.best.number))

    @property
    def clear(self) -> bool:
        """Whether the best set is better than the present one by more than the best of as many would be by chance."""
        return (self.advantage or 0.0) > by_chance(self._tried)

    @property
    def _tried(self) -> int:
        return len(self.study.get_trials(deepcopy=False, states=DONE))

    @property
    def gain(self) -> float:
        """Part of the present parameters' loss that the best ones save; 0 where they are the best."""
        return 1 - _loss(self.best) / _loss(self.present)

    def table(self) -> pd.DataFrame:
        """One row a trial: number, state, loss, parameters, rounds, losses by part and by fold, seconds."""
        return pd.DataFrame([_row(trial) for trial in self.study.get_trials(deepcopy=False)])

    @cached_property
    def importance(self) -> dict[str, float]:
        """Share of each parameter in what makes trials good (PED-ANOVA); empty if unknown.

        Watanabe, Bansal, Hutter (2023), "PED-ANOVA", IJCAI.
        """
        if len({_loss(trial) for trial in finished(self.study)}) < 2:
            return {}
        return {name: float(share) for name, share in get_param_importances(self.study).items()}

    def told(self) -> list[str]:
        """What was found, in words, one sentence or two a line."""
        states = [trial.state for trial in self.study.get_trials(deepcopy=False)]
        judged, given_up = states.count(TrialState.COMPLETE), states.count(TrialState.PRUNED)
        dates = self.desk.facts()["folds judged at"]
        best, present = _loss(self.best), _loss(self.present)
        lines = [
            f"Tried {judged + given_up} sets of parameters, {given_up} of them given up early; judged at {dates}.",
            f"Loss {best:.4f}; with the present parameters {present:.4f}. (Of what the outcomes leave open, this part"
            " is not explained.)",
        ]
        if self.best.number == self.present.number:
            return [*lines, "No set is better than the present one, with the number of rounds that suits it."]
        folds = zip(self.best.user_attrs[FOLDS], self.present.user_attrs[FOLDS], strict=True)
        better = [mine < theirs for mine, theirs in folds]
        lines.append(f"That is {self.gain:.2%} less; less in {sum(better)} of {len(better)} folds.")
        if self.advantage is None:
            return lines
        errors = (
            f"{self.advantage:.1f} standard errors; the best of {self._tried} may reach {by_chance(self._tried):.1f}"
        )
        stays = "More than chance" if self.clear else "No more than chance, so the present parameters stay"
        return [*lines, f"{stays}: {errors} without any merit."]


@dataclass(frozen=True)
class Place:
    """Where a study is kept, and how long it may go on.

    Attributes:
        folder: of the journal.
        seconds: from the first trial of this session on; None for no limit.
        log: told what was found so far, after each trial.
        close: told what was found, at the end.
    """

    folder: Path
    seconds: float | None = None
    log: Log = lambda _: None
    close: Log = lambda _: None


def tune(desk: Desk, place: Place) -> Found:
    """Look for better parameters of the boosters, by trials on folds before all that judges a model.

    A study that is in the folder already goes on: trials are counted from its
    beginning, and those that a killed process left running are tried again.

    Args:
        desk: what the study is about.
        place: where it is kept.

    Raises:
        DataError: the log is too short or too small.
        UsageError: the study in the folder is about other orders or settings.
        BusyError: another process works on it.
        StagecastError: the folder cannot be written, or trials fail one after another.
    """
    training, booster = desk.recipe.training, desk.recipe.training.booster
    with study_in(place.folder, desk.facts(), present_parameters(booster)) as study:
        found = Found(study, desk)
        space = {name: span.distribution for name, span in ranges(booster).items()}
        course = Course(study, space, training.seed, training.tuning.trials, place.seconds)
        if course.wants_more or found.advantage is None:
            _run(course, found, place)
        place.close(found)
        return found


def _run(course: Course, found: Found, place: Place) -> None:
    """Try until it is enough."""
    desk, training = found.desk, found.desk.recipe.training
    lessons = desk.lessons()

    def after() -> None:
        desk.step(_progress(found, training.tuning.trials))
        place.log(found)

    if course.wants_more:
        desk.step(_progress(found, training.tuning.trials))
        _try_all(course, lessons, (desk, place.folder), after)
    desk.step("weigh the best set against the present one")
    _weigh(found, lessons)


def _try_all(course: Course, lessons: Lessons, of: tuple[Desk, Path], after: Callable[[], None]) -> None:
    desk, place = of
    training, engine = desk.recipe.training, desk.log.engine
    if training.tuning.workers == 1 and not apart(engine):
        run_alone(course, lessons, training, after)
        return
    with temporary_folder(place.resolve() / "lessons") as folder:
        lessons.save(folder)
        if apart(engine):
            run_rounds(course, Worker(folder, training), engine, after)
        else:
            run_together(course, folder, training, after)


def _weigh(found: Found, lessons: Lessons) -> None:
    """Note down by how much the best set is better than the present one, as far as chance allows to say so."""
    best, present = ((one.params, int(one.user_attrs[ROUNDS])) for one in (found.best, found.present))
    errors = advantage(lessons, found.desk.recipe.training, best, present)
    found.study.set_user_attr(_WEIGHED, {str(found.best.number): errors})


def _progress(found: Found, wanted: int) -> str:
    """How far the study is, in words."""
    if not found.any:
        return "try the present parameters"
    tried = len(found.study.get_trials(deepcopy=False, states=DONE))
    return (
        f"tried {tried} of {wanted} sets of parameters: loss {_loss(found.best):.4f},"
        f" with the present ones {_loss(found.present):.4f}"
    )


def _loss(trial: FrozenTrial) -> float:
    if trial.value is None:
        raise StagecastError(f"trial {trial.number} has no loss", remedy="this is a defect of stagecast")
    return trial.value


def _row(trial: FrozenTrial) -> dict[str, object]:
    kept = trial.user_attrs
    parts, by_fold = kept.get(PARTS, {}), kept.get(FOLDS, [])
    return {
        "trial": trial.number,
        "state": trial.state.name.lower(),
        "present": bool(kept.get(PRESENT)),
        "loss": trial.value,
        **trial.params,
        "rounds": kept.get(ROUNDS),
        **{f"loss_{name}": loss for name, loss in parts.items()},
        **{f"loss_fold_{k}": loss for k, loss in enumerate(by_fold)},
        "seconds": kept.get(SECONDS),
        "why": kept.get(WHY),
    }
