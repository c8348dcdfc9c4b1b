"""A study on a real history: what it finds, what it refuses, and its runs in MLflow."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Run
from optuna.trial import TrialState
from run_store import Store

from features.config import FeatureConfig
from features.errors import DataError, StagecastError, UsageError
from features.history import History
from training.config import BoosterConfig, Recipe
from training.log import Log
from training.splits import split
from training.tuning import trial as trial_module
from training.tuning import workers
from training.tuning.config import TuningConfig
from training.tuning.desk import Desk
from training.tuning.journal import study_in
from training.tuning.tracking import StudyRuns
from training.tuning.tune import Found, Place, tune

TUNING = TuningConfig(trials=5, folds=1, rows=1000, targets=("order", "regression"))


@pytest.fixture(scope="module")
def desk(history: History, as_of: int, recipe: Recipe) -> Desk:
    booster = BoosterConfig(rounds=8, learning_rate=0.2, min_data_in_leaf=20)
    training = recipe.training.model_copy(update={"tuning": TUNING, "booster": booster, "experiment": "tuning"})
    small = replace(
        recipe, training=training, features=FeatureConfig(families=("recency", "counts", "stage", "outlook"))
    )
    return Desk.of(Log.of(history), as_of, small, "digest-of-orders", lambda _: None)


def given(desk: Desk, **tuning: object) -> Desk:
    training = desk.recipe.training
    changed = training.model_copy(update={"tuning": training.tuning.model_copy(update=tuning)})
    return Desk.of(desk.log, desk.end, replace(desk.recipe, training=changed), desk.digest, desk.step)


@pytest.fixture(scope="module")
def found(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Found:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial_module, "STEPS", 5)
        return tune(desk, Place(tmp_path_factory.mktemp("study")))


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_module, "STEPS", 5)


def values(found: Found) -> list[tuple[object, ...]]:
    trials = found.study.get_trials(states=(TrialState.COMPLETE, TrialState.PRUNED))
    return [(trial.params, trial.value) for trial in trials]


def test_the_best_is_at_least_as_good_as_the_present(found: Found) -> None:
    table = found.table()

    assert len(table) == 5
    assert table["present"].tolist() == [True] + [False] * 4
    assert found.best.value == table.loc[table["state"] == "complete", "loss"].min()
    assert found.gain == pytest.approx(1 - table["loss"].min() / table["loss"][0])
    assert found.advantage is not None
    chosen = found.best.params | {"rounds": found.best.user_attrs["rounds"]}
    present = found.desk.recipe.training.booster
    assert found.booster == (BoosterConfig(**(present.model_dump() | chosen)) if found.clear else present)
    assert sum(found.importance.values()) == pytest.approx(1)


def test_it_is_told_in_words(found: Found) -> None:
    said = " ".join(found.told())

    assert "Tried 5 sets of parameters" in said
    assert f"{found.present.value:.4f}" in said
    assert str(np.datetime64(found.desk.folds[0].judge[0], "D")) in said


def test_nothing_is_tried_again_once_there_is_enough(found: Found, tmp_path: Path, desk: Desk) -> None:
    few = tune(given(desk, trials=2), Place(tmp_path))
    closed: list[int] = []
    again = tune(given(desk, trials=2), Place(tmp_path, close=lambda now: closed.append(len(now.table()))))

    assert values(again) == values(few) == values(found)[:2]
    assert closed == [2]
    assert values(tune(given(desk, trials=5), Place(tmp_path))) == values(found)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("orders", lambda desk: replace(desk, digest="another")),
        ("known until", lambda desk: replace(desk, end=desk.end - 28)),
        ("folds judged at", lambda desk: given(desk, folds=2)),
        ("targets", lambda desk: given(desk, targets=("order",))),
        ("rows", lambda desk: given(desk, rows=2000)),
        ("features", lambda desk: replace(desk, recipe=replace(desk.recipe, features=FeatureConfig()))),
    ],
)
def test_a_study_of_something_else_is_refused(
    desk: Desk, tmp_path: Path, name: str, change: Callable[[Desk], Desk]
) -> None:
    with study_in(tmp_path, desk.facts(), {"learning_rate": 0.2}):
        pass
    with pytest.raises(UsageError, match=f"'{name}' has changed"):
        tune(change(desk), Place(tmp_path))


def test_the_spec_of_the_folds_has_seen_nothing_that_calibrates_or_judges(desk: Desk) -> None:
    assert desk.spec.fitted_before == str(np.datetime64(desk.folds[-1].calibrate[0], "D"))
    judged = split(desk.log.first_day, desk.end, 28, desk.recipe.training).judge
    assert desk.folds[0].judge[0] + 28 <= judged[0]


def test_orders_from_the_cutoff_on_change_nothing(
    found: Found, orders: pd.DataFrame, as_of: int, tmp_path: Path
) -> None:
    """Nor do those that judge a model later."""
    desk = found.desk
    judged = np.datetime64(split(desk.log.first_day, desk.end, 28, desk.recipe.training).judge[0], "D")
    later = orders["ordered_at"] >= pd.Timestamp(judged)
    changed = orders.assign(amount=orders["amount"].where(~later, 7.0))
    other = replace(desk, log=Log.of(History.of(changed)))

    assert values(tune(given(other, trials=2), Place(tmp_path))) == values(found)[:2]


def test_too_few_customers_are_told(desk: Desk, orders: pd.DataFrame, as_of: int, tmp_path: Path) -> None:
    few = History.of(orders[orders["customer_id"] < "client-0030"])
    with pytest.raises(DataError, match="too few customers"):
        tune(Desk.of(Log.of(few), as_of, desk.recipe, "x", desk.step), Place(tmp_path))


@pytest.mark.slow
def test_several_workers_find_what_one_does(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial_module, "STEPS", 40)  # as it is in processes of their own
    alone = tune(given(desk, trials=4), Place(tmp_path / "alone"))
    together = tune(given(desk, trials=4, workers=2), Place(tmp_path / "together"))

    by_parameters = {str(params): value for params, value in values(together)}
    assert len(by_parameters) == 4
    assert by_parameters[str(alone.present.params)] == alone.present.value
    assert not list((tmp_path / "together").glob(".lessons*"))  # what they worked from is gone


@pytest.mark.slow
def test_a_worker_that_dies_is_replaced_and_its_trial_noted(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, killed = workers._Worker.begin, []

    def begin_and_die(worker: workers._Worker, trial: object) -> None:
        begin(worker, trial)  # type: ignore[arg-type]
        if worker.trial is not None and worker.trial.number == 2:
            worker.process.kill()
            killed.append(worker.trial.number)

    monkeypatch.setattr(workers._Worker, "begin", begin_and_die)
    found = tune(given(desk, trials=5, workers=2), Place(tmp_path))
    table = found.table().set_index("trial")

    assert killed == [2]
    assert table["state"][2] == "fail"
    assert table["why"][2] == "its process ended with exit code -9"
    assert table["state"].isin(["complete", "pruned"]).sum() == 5


def children(store: Store, parent: str) -> dict[str, Run]:
    experiment = store.client.get_experiment_by_name("tuning")
    runs = store.client.search_runs([experiment.experiment_id], f"tags.`mlflow.parentRunId` = '{parent}'")
    assert len({run.data.tags["trial"] for run in runs}) == len(runs)
    return {run.data.tags["trial"]: run for run in runs}


@pytest.mark.slow
def test_a_study_is_a_run_and_each_trial_one_below_it(store: Store, desk: Desk, tmp_path: Path) -> None:
    runs = StudyRuns.opened(desk.recipe.training, store.uri, "1,234 order lines of 300 customers")
    found = tune(desk, Place(tmp_path, None, runs.follow, runs.close))
    parent, below = store.client.get_run(runs.run_id), children(store, runs.run_id)

    assert parent.info.status == "FINISHED"
    assert parent.data.metrics["tune/loss"] == pytest.approx(found.best.value)
    assert parent.data.metrics["tune/trials"] == 5
    assert parent.data.metrics["tune/standard_errors"] == pytest.approx(found.advantage)
    assert parent.data.tags["kind"] == "tune"
    assert parent.data.tags["data_digest"] == "digest-of-orders"
    assert "1,234 order lines" in parent.data.tags["mlflow.note.content"]
    assert "[training.booster]" in parent.data.tags["mlflow.note.content"]
    assert len(store.client.get_metric_history(runs.run_id, "tune/loss")) >= 5  # a curve
    files = {
        file.path for folder in ("plots", "tables", "") for file in store.client.list_artifacts(runs.run_id, folder)
    }
    assert {"plots/history.png", "plots/parameters.png", "plots/parameter_importance.png"} <= files
    assert {"tables/trials.csv", "booster.toml"} <= files
    assert set(below) == {str(trial.number) for trial in found.study.trials}
    assert below["0"].data.tags["present"] == "true"
    assert below["0"].data.params["booster.learning_rate"] == "0.2"
    best = below[str(found.best.number)]
    assert best.data.metrics["tune/loss"] == pytest.approx(found.best.value)
    assert best.data.params["booster.rounds"] == str(found.best.user_attrs["rounds"])
    assert {run.info.status for run in below.values()} == {"FINISHED"}


@pytest.mark.slow
def test_a_study_that_goes_on_goes_on_in_its_run(store: Store, desk: Desk, tmp_path: Path) -> None:
    """Also where a process was killed while it wrote to MLflow."""
    first = StudyRuns.opened(desk.recipe.training, store.uri, "orders")
    tune(given(desk, trials=2), Place(tmp_path, None, first.follow, first.close))
    store.client.update_run(children(store, first.run_id)["1"].info.run_id, status="RUNNING")
    second = StudyRuns.opened(desk.recipe.training, store.uri, "orders")
    tune(given(desk, trials=4), Place(tmp_path, None, second.follow, second.close))

    assert second.run_id == first.run_id
    assert set(children(store, first.run_id)) == {"0", "1", "2", "3"}
    assert store.client.get_run(first.run_id).info.status == "FINISHED"


@pytest.mark.slow
def test_a_store_that_is_away_loses_nothing(
    store: Store, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise mlflow.MlflowException("connection refused")

    runs = StudyRuns.opened(desk.recipe.training, store.uri, "orders")
    with monkeypatch.context() as patch:
        patch.setattr(mlflow.MlflowClient, "create_run", away)
        patch.setattr("training.tuning.tracking.MlflowClient.create_run", away)
        with pytest.raises(StagecastError, match="does not answer\n  got: connection refused"):
            tune(given(desk, trials=2), Place(tmp_path, None, runs.follow, runs.close))
    again = StudyRuns.opened(desk.recipe.training, store.uri, "orders")
    tune(given(desk, trials=2), Place(tmp_path, None, again.follow, again.close))

    assert set(children(store, again.run_id)) == {"0", "1"}


@pytest.mark.slow
def test_a_worker_that_cannot_start_is_told(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.tuning.lessons.Lessons.save", lambda *_: None)  # there is nothing to take up
    with pytest.raises(StagecastError, match="a worker process cannot start"):
        tune(given(desk, trials=2, workers=2), Place(tmp_path))
