"""Grades in MLflow: one run a model version, one step a week, so that two champions are two lines."""

from collections.abc import Iterable, Sequence
from math import isclose, isfinite

import mlflow
import pandas as pd
from mlflow.entities import Metric, Param, Run, RunTag

from features.clock import WEEK, to_day
from features.grade import Grade, Promise
from features.model.store import experiment, lock, open_store, quiet
from training.config import TrainingConfig
from training.grading.tables import tables
from training.grading.view import how_good_it_was
from training.lineage import of_code
from training.markdown import table
from training.views import lay_out

EXPERIMENT = "{}-grades"
"""Name of the experiment, by registered model."""

_DAY = 24 * 60 * 60 * 1000
"""In milliseconds, by which MLflow dates a metric."""

_BATCH = 1000
"""Metrics that MLflow takes at a time."""

_METRICS = ("log_loss", "auroc", "calibration_error", "observed", "predicted", "gini", "bias")
_HOW = "Log loss less that of a plain table of shares, relative to it; in brackets the worst that was promised."
_SHOWN = 26
"""Weeks in the description of a run."""


def log_trend(grades: Sequence[Grade], config: TrainingConfig, uri: str | None) -> dict[int, str]:
    """Bring the runs of some graded weeks up to date: one run a model version.

    A week that is there already adds nothing. Where one was graded anew, the
    run of its version is made again from all of its grades.

    Args:
        grades: of one registered model, all that are known of each version.
        config: where the artifacts of a new experiment go.
        uri: tracking URI, or None for the default.

    Returns:
        Id of the run, by version.

    Raises:
        UsageError: the address of the store cannot be right, or the experiment was deleted.
        BusyError: another process has held the lock of the store for too long.
        StagecastError: the store cannot be reached, read or written.
    """
    place = open_store(uri)
    with quiet():
        found = experiment(EXPERIMENT.format(grades[0].model_name), place, config.artifacts)
        with lock(place):
            lay_out(found, how_good_it_was())
            versions = sorted({grade.model_version for grade in grades})
            return {version: _run(version, _of(grades, version), found) for version in versions}


def metrics_of(grade: Grade) -> dict[str, float]:
    """The numbers of one week, under names that stay; finite ones only."""
    named = {"customers": float(grade.counts.judged), "alarm": float(grade.alarm is not None)}
    for target in dict.fromkeys(one.target for one in grade.scores):
        for name in _METRICS:
            if (value := grade.metric(target, name)) is not None:
                named[f"{_word(target)}/{name}"] = value
    for promise in grade.promises:
        named |= _numbers(promise)
    for rung in grade.ladder:
        if rung.metric == "log_loss" and rung.theirs > 0:
            named[f"gain/{_word(rung.target)}_percent"] = round(100 * (1 - rung.ours / rung.theirs), 2)
    return {name: value for name, value in named.items() if isfinite(value)}


def _numbers(promise: Promise) -> dict[str, float]:
    name = f"{_word(promise.target)}/{promise.metric}"
    if promise.metric == "log_loss_share":  # the list shows ten digits
        return {name: round(promise.found, 4), f"{name}_worst": round(promise.high, 4)}
    sides = {f"{name}_low": promise.low, f"{name}_high": promise.high}
    return sides if promise.metric == "observed" else {name: promise.found, **sides}  # the former is among the scores


def in_words(grades: Sequence[Grade]) -> str:
    """All grades of a version, newest first, as Markdown."""
    newest = sorted(grades, key=lambda grade: grade.as_of, reverse=True)
    alarm = newest[0].alarm
    told = f"**Alarm at {newest[0].as_of}.** {alarm}" if alarm else f"No alarm at {newest[0].as_of}."
    return f"{told}\n\n{_HOW}\n\n{table(pd.DataFrame([_row(grade) for grade in newest[:_SHOWN]]))}"


def _of(grades: Sequence[Grade], version: int) -> list[Grade]:
    return sorted((one for one in grades if one.model_version == version), key=lambda grade: grade.as_of)


def _run(version: int, grades: list[Grade], found: str) -> str:
    client = mlflow.MlflowClient()
    runs = client.search_runs([found], f"tags.kind = 'grade' and tags.model_version = '{version}'")
    run = runs[0] if runs else None
    known = _known(client, run)
    if run is not None and any(not _same(known, grade) for grade in grades if _step(grade) in known):
        client.delete_run(run.info.run_id)
        run, known = None, {}
    if run is None:
        run = _new_run(client, version, grades[0], found)
    _log(client, run, [grade for grade in grades if _step(grade) not in known], grades)
    return str(run.info.run_id)


def _known(client: mlflow.MlflowClient, run: Run | None) -> dict[int, float]:
    """What stands there of each week: its log loss of order."""
    if run is None:
        return {}
    return {point.step: point.value for point in client.get_metric_history(run.info.run_id, "order/log_loss")}


def _same(known: dict[int, float], grade: Grade) -> bool:
    return isclose(known[_step(grade)], metrics_of(grade)["order/log_loss"], rel_tol=1e-12)


def _new_run(client: mlflow.MlflowClient, version: int, first: Grade, found: str) -> Run:
    tags = {"kind": "grade", "model_version": str(version), "model_name": first.model_name, **of_code()}
    run = client.create_run(found, run_name=f"{first.model_name}/{version}", tags=tags)
    client.log_batch(run.info.run_id, params=[Param("spec_hash", first.spec_hash)])
    client.set_terminated(run.info.run_id)
    return run


def _log(client: mlflow.MlflowClient, run: Run, new: Iterable[Grade], every: list[Grade]) -> None:
    points = [
        Metric(name, value, _time(grade), _step(grade)) for grade in new for name, value in metrics_of(grade).items()
    ]
    newest = every[-1]
    if points:
        for name, frame in tables(every).items():
            client.log_text(run.info.run_id, frame.to_csv(index=False), f"tables/{name}.csv")
        totals = {"weeks": len(every), "alarms": sum(one.alarm is not None for one in every)}
        points += [Metric(name, float(value), _time(newest), _step(newest)) for name, value in totals.items()]
    for begin in range(0, len(points), _BATCH):
        client.log_batch(run.info.run_id, metrics=points[begin : begin + _BATCH])
    tags = {"as_of": newest.as_of, "alarm": "yes" if newest.alarm else "no", "mlflow.note.content": in_words(every)}
    client.log_batch(run.info.run_id, tags=[RunTag(key, value) for key, value in tags.items()])


def _row(grade: Grade) -> dict[str, object]:
    kept = {
        one.target: f"{one.found:+.1%} ({one.high:+.1%})" for one in grade.promises if one.metric == "log_loss_share"
    }
    week = grade.as_of.replace("-", "\u2011")  # a hyphen at which MLflow's narrow columns do not break
    return {"week": week, "customers": grade.counts.judged, **kept, "alarm": "yes" if grade.alarm else ""}


def _step(grade: Grade) -> int:
    return _day(grade) // WEEK


def _time(grade: Grade) -> int:
    return _day(grade) * _DAY


def _day(grade: Grade) -> int:
    return to_day(pd.Timestamp(grade.as_of).date())


def _word(target: str) -> str:
    return target.replace(" ", "_")
