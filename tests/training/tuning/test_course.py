"""The course of a study: the same whether or not it was killed, never more than was asked for, the present first."""

import os
import time
from pathlib import Path

import optuna
import pytest
from lightgbm.basic import LightGBMError
from make_believe import CONFIG, STEPS, KilledError, Try, killed_at, pretended, session, told
from optuna.trial import TrialState

from features.errors import StagecastError
from training.config import TrainingConfig
from training.tuning import workers
from training.tuning.course import finished, present_trial
from training.tuning.trial import GoOn, Outcome


@pytest.fixture(autouse=True)
def _make_believe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "try_out", pretended)
    monkeypatch.setattr(os, "fsync", lambda _: None)  # nearly all the time these tests would take


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> optuna.Study:
    """A study that nothing disturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "try_out", pretended)
        patch.setattr(os, "fsync", lambda _: None)
        return session(tmp_path_factory.mktemp("whole"))


def until_killed(folder: Path, monkeypatch: pytest.MonkeyPatch, instead: Try) -> None:
    monkeypatch.setattr(workers, "try_out", instead)
    with pytest.raises(KilledError):
        session(folder)
    monkeypatch.setattr(workers, "try_out", pretended)


def test_there_are_as_many_trials_as_were_asked_for(whole: optuna.Study, tmp_path: Path) -> None:
    assert len(told(whole)) == 12
    assert len(told(session(tmp_path, 5))) == 5
    assert len(told(session(tmp_path, 5))) == 5  # those of earlier sessions count
    assert told(session(tmp_path)) == told(whole)


def test_the_present_parameters_are_tried_first_and_to_the_end(whole: optuna.Study) -> None:
    first = whole.trials[0]

    assert first.params == {name: getattr(CONFIG.booster, name) for name in first.params}
    assert first.state == TrialState.COMPLETE
    assert present_trial(whole) == first


def test_it_gives_up_the_hopeless_and_finds_better(whole: optuna.Study) -> None:
    given_up = [trial for trial in whole.trials if trial.state == TrialState.PRUNED]

    assert given_up
    assert all(len(trial.intermediate_values) < STEPS for trial in given_up)
    assert whole.best_value < whole.trials[0].value
    assert min(float(trial.value or 0) for trial in given_up) > whole.best_value


@pytest.mark.parametrize(("trial", "step"), [(0, 0), (1, STEPS - 1), (11, 2)])
def test_a_killed_study_goes_on_as_if_nothing_had_happened(
    whole: optuna.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trial: int, step: int
) -> None:
    until_killed(tmp_path, monkeypatch, killed_at(trial, step))
    study = session(tmp_path)

    assert told(study) == told(whole)
    assert [one.state for one in study.trials].count(TrialState.FAIL) == 1  # the trial in flight, tried again
    assert TrialState.RUNNING not in [one.state for one in study.trials]


def test_so_does_one_that_is_killed_again_and_again(
    whole: optuna.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for trial in (2, 2, 3):
        until_killed(tmp_path, monkeypatch, killed_at(trial, 2))

    assert told(session(tmp_path)) == told(whole)


def test_a_trial_that_kills_every_process_is_left_out_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    until_killed(tmp_path, monkeypatch, killed_at(3, 1))
    until_killed(tmp_path, monkeypatch, killed_at(0, 1))
    study = session(tmp_path)

    deadly = study.trials[3].params
    assert [trial.params for trial in study.trials if trial.state == TrialState.FAIL] == [deadly, deadly]
    assert len(told(study)) == 12


def test_time_that_is_over_ends_a_trial_which_the_next_session_begins_with(
    whole: optuna.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 0

    def counted(lessons: object, config: TrainingConfig, go_on: GoOn) -> Outcome | None:
        def count(step: int, loss: float) -> bool:
            nonlocal steps
            steps += 1
            return go_on(step, loss)

        return pretended(lessons, config, count)

    with monkeypatch.context() as patch:
        patch.setattr(workers, "try_out", counted)
        patch.setattr(time, "monotonic", lambda: float(steps))
        stopped = session(tmp_path, seconds=3 * STEPS + 2.0)
    told_by_then = told(stopped)

    assert len(told_by_then) == 3
    assert stopped.trials[-1].state == TrialState.WAITING
    assert told_by_then == told(whole)[: len(told_by_then)]
    assert told(session(tmp_path)) == told(whole)


def test_the_present_parameters_are_tried_however_little_time_there_is(tmp_path: Path) -> None:
    study = session(tmp_path, seconds=0.0)

    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE]


def test_a_trial_that_goes_wrong_is_noted_and_others_follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = 0

    def wrong_at_times(lessons: object, config: TrainingConfig, go_on: GoOn) -> Outcome | None:
        nonlocal begun
        begun += 1
        if begun % 3 == 0:
            raise LightGBMError("no splits")
        return pretended(lessons, config, go_on)

    monkeypatch.setattr(workers, "try_out", wrong_at_times)
    study = session(tmp_path, 6)

    assert len(told(study)) == 6
    assert {trial.user_attrs["why"] for trial in study.trials if trial.state == TrialState.FAIL} == {"no splits"}


def test_trials_that_all_go_wrong_end_the_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise LightGBMError("out of memory")

    session(tmp_path, 1)
    monkeypatch.setattr(workers, "try_out", wrong)
    with pytest.raises(StagecastError, match=r"one after another\n  got: out of memory"):
        session(tmp_path)


def test_it_ends_at_once_where_the_present_parameters_go_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise LightGBMError("out of memory")

    monkeypatch.setattr(workers, "try_out", wrong)
    with pytest.raises(StagecastError, match="the present parameters cannot be tried"):
        session(tmp_path)
    monkeypatch.setattr(workers, "try_out", pretended)
    assert present_trial(session(tmp_path, 2)) is not None  # and begins with them again


def test_who_breaks_it_off_loses_nothing(whole: optuna.Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(lessons: object, config: TrainingConfig, go_on: GoOn) -> Outcome | None:
        if len(finished(optuna_study(tmp_path))) == 3:
            raise KeyboardInterrupt
        return pretended(lessons, config, go_on)

    monkeypatch.setattr(workers, "try_out", broken_off)
    with pytest.raises(KeyboardInterrupt):
        session(tmp_path)
    monkeypatch.setattr(workers, "try_out", pretended)
    assert told(session(tmp_path)) == told(whole)


def optuna_study(folder: Path) -> optuna.Study:
    """The study as anybody may read it meanwhile."""
    backend = optuna.storages.journal.JournalFileBackend(str((folder / "study.journal").resolve()))
    return optuna.load_study(study_name="stagecast", storage=optuna.storages.JournalStorage(backend))
