"""Trials on the workers of an engine are those of one process; what a worker does twice counts once."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import optuna
import pytest
from engines import Found, Given, Twice
from lightgbm.basic import LightGBMError
from make_believe import CONFIG, FACTS, SPACE, pretended, session, told
from optuna.pruners import MedianPruner
from optuna.trial import TrialState

from features.engine import Engine
from features.errors import BusyError, StagecastError
from training.tuning import rounds, workers
from training.tuning.course import Course
from training.tuning.journal import STARTUP, WARMUP, study_in
from training.tuning.rounds import Worker, limits, run_rounds
from training.tuning.space import present_parameters
from training.tuning.trial import STEPS


def studied(curves: list[np.ndarray]) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(pruner=MedianPruner(n_startup_trials=STARTUP, n_warmup_steps=WARMUP))
    for curve in curves:
        trial = study.ask()
        for step, loss in enumerate(curve):
            trial.report(float(loss), step)
        study.tell(trial, float(curve[-1]))
    return study


@pytest.mark.parametrize("finished", [0, STARTUP - 1, STARTUP, 9])
def test_limits_give_up_what_the_pruner_gives_up(finished: int) -> None:
    rng = np.random.default_rng(finished)
    study = studied([rng.random(rng.integers(3, STEPS)) for _ in range(finished)])
    given_up = 0
    for _ in range(20):
        trial, curve = study.ask(), 0.5 + rng.random(STEPS) / 2
        for step in range(STEPS):
            trial.report(float(curve[step]), step)
            mine = min(curve[: step + 1]) > limits(study)[step]
            assert mine == trial.should_prune()
            given_up += mine
    assert (given_up > 0) == (finished >= STARTUP)


@pytest.fixture
def _make_believe(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (workers, rounds):
        monkeypatch.setattr(module, "try_out", pretended)
    monkeypatch.setattr(rounds, "_lessons", lambda folder: None)
    monkeypatch.setattr(os, "fsync", lambda _: None)


def rounds_of(folder: Path, engine: Engine, trials: int = 12, seconds: float | None = None) -> optuna.Study:
    with study_in(folder, FACTS, present_parameters(CONFIG.booster)) as study:
        course = Course(study, SPACE, CONFIG.seed, trials, seconds)
        run_rounds(course, Worker(folder, CONFIG), engine, lambda: None)
        return study


@pytest.mark.usefixtures("_make_believe")
def test_one_worker_tries_what_one_process_tries(tmp_path: Path) -> None:
    alone = session(tmp_path / "alone")
    assert TrialState.PRUNED in {trial.state for trial in alone.trials}
    assert told(rounds_of(tmp_path / "engine", Twice(workers=1))) == told(alone)


@pytest.mark.usefixtures("_make_believe")
def test_several_workers_try_as_many_as_are_wanted_the_present_first(tmp_path: Path) -> None:
    study = rounds_of(tmp_path, Twice(workers=5))
    assert len(told(study)) == len(study.trials) == 12
    assert study.trials[0].params == present_parameters(CONFIG.booster)
    assert told(study) == told(rounds_of(tmp_path, Twice(workers=5)))  # there is nothing left to do


@pytest.mark.usefixtures("_make_believe")
def test_a_study_goes_on_when_the_cluster_went_away(tmp_path: Path) -> None:
    class Gone(Twice):
        def map(self, function: Callable[[Given], Found], pieces: Iterable[Given]) -> Iterator[Found]:
            first, *_ = pieces
            yield function(first)
            raise BusyError("all workers are gone")

    with pytest.raises(BusyError):
        rounds_of(tmp_path, Gone(workers=4))
    study = rounds_of(tmp_path, Twice(workers=4))
    assert len(told(study)) == 12
    again = [trial.params for trial in study.trials if trial.state == TrialState.FAIL]
    assert len(again) == 3
    assert all(params in [params for _, params, *_ in told(study)] for params in again)


@pytest.mark.usefixtures("_make_believe")
def test_what_the_time_breaks_off_is_tried_in_the_next_session(
    tmp_path: Path,
) -> None:
    late = rounds_of(tmp_path, Twice(workers=3), seconds=1e-9)
    assert late.trials[0].state == TrialState.COMPLETE  # the present parameters
    assert len(told(late)) == 1
    assert len(told(rounds_of(tmp_path, Twice(workers=3)))) == 12


@pytest.mark.usefixtures("_make_believe")
def test_a_trial_that_goes_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise LightGBMError("no memory")

    monkeypatch.setattr(rounds, "try_out", wrong)
    with pytest.raises(StagecastError, match="no memory"):
        rounds_of(tmp_path, Twice())
