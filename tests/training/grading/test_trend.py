"""Grades in a real MLflow store: one run a version, one step a week, each once."""

import base64
import json
import zlib
from pathlib import Path

import mlflow
import pytest
from made_grades import a_grade

from training.config import TrainingConfig
from training.grading.trend import log_trend, metrics_of
from training.grading.view import KEY

pytestmark = pytest.mark.slow

CONFIG = TrainingConfig()


@pytest.fixture
def uri(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/mlflow.db"


def losses(uri: str, run: str) -> list[tuple[int, float]]:
    return [(point.step, point.value) for point in mlflow.MlflowClient(uri).get_metric_history(run, "order/log_loss")]


def test_each_version_is_a_line_and_each_week_a_point(uri: str) -> None:
    first = [a_grade("2021-01-04"), a_grade("2021-01-11")]
    runs = log_trend(first, CONFIG, uri)
    second = [*first, a_grade("2021-01-18", 2, 0.3), a_grade("2021-01-25", 2, 0.4, "it did worse")]
    assert log_trend(second, CONFIG, uri)[1] == runs[1]
    runs = log_trend(second, CONFIG, uri)

    assert [value for _, value in losses(uri, runs[1])] == [0.2, 0.2]
    assert [value for _, value in losses(uri, runs[2])] == [0.3, 0.4]
    steps = [step for version in (1, 2) for step, _ in losses(uri, runs[version])]
    assert steps == list(range(steps[0], steps[0] + 4))
    page = mlflow.MlflowClient(uri).get_run(runs[2])
    table = mlflow.artifacts.load_text(f"{page.info.artifact_uri}/tables/by_group.csv")
    assert table.count("2021-01-") == 2
    assert (page.data.tags["alarm"], page.data.metrics["alarms"], page.data.metrics["weeks"]) == ("yes", 1, 2)
    assert page.data.tags["mlflow.note.content"].startswith("**Alarm at 2021-01-25.** it did worse")


def test_a_week_graded_anew_takes_the_place_of_the_old_one(uri: str) -> None:
    before = log_trend([a_grade("2021-01-04"), a_grade("2021-01-11")], CONFIG, uri)
    after = log_trend([a_grade("2021-01-04"), a_grade("2021-01-11", loss=0.5)], CONFIG, uri)
    assert after != before
    assert [value for _, value in losses(uri, after[1])] == [0.2, 0.5]
    shown = mlflow.MlflowClient(uri).search_runs([page.experiment_id for page in experiments(uri)])
    assert [run.info.run_id for run in shown] == [after[1]]


def test_the_view_draws_what_is_logged(uri: str) -> None:
    log_trend([a_grade("2021-01-04")], CONFIG, uri)
    (found,) = (page for page in experiments(uri) if page.name == "shop-grades")
    packed = json.loads(found.tags[f"mlflow.sharedViewState.{KEY}"])["state"].removeprefix("deflate;")
    state = json.loads(zlib.decompress(base64.b64decode(packed)))
    drawn = {metric for chart in state["compareRunCharts"] for metric in chart["selectedMetricKeys"]}
    named = set(metrics_of(a_grade("2021-01-04"))) - {"customers", "alarm"}
    assert named <= drawn


def experiments(uri: str) -> list[mlflow.entities.Experiment]:
    return list(mlflow.MlflowClient(uri).search_experiments())
