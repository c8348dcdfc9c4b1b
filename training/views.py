"""How the experiment looks in MLflow's UI: which columns its list of runs has, which charts, and how to read them.

MLflow's list of runs shows no metric until one is chosen, and its charts are
one a metric in alphabetical order. A saved view of our own, kept as MLflow
keeps those of its users (a tag of the experiment), shows what decides.
"""

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import mlflow

Chart = dict[str, Any]

KEY = "stagecast-which-is-better"
"""Name of the view in addresses: `...&viewStateShareKey=stagecast-which-is-better`."""

NAME = "Which run is better"

COLUMNS = (
    "tags.`gate`",
    "metrics.`gain/order_percent`",
    "metrics.`gain/regression_percent`",
    "metrics.`gain/next_stage_percent`",
    "metrics.`judge/order_log_loss`",
    "metrics.`judge/order_auroc`",
    "metrics.`judge/order_calibration_error`",
    "metrics.`judge/regression_log_loss`",
    "metrics.`judge/regression_auroc`",
    "metrics.`judge/next_stage_log_loss`",
    "metrics.`judge/spend_gini`",
    "attributes.`Dataset`",
)

_CHARTS: dict[str, dict[str, str]] = {
    "Gain on the best baseline, %: higher is better": {
        "gain/order_percent": "order",
        "gain/regression_percent": "regression",
        "gain/next_stage_percent": "next stage",
    },
    "Log loss: lower is better": {
        "judge/order_log_loss": "order",
        "judge/regression_log_loss": "regression",
        "judge/next_stage_log_loss": "next stage",
    },
    "Ranking: higher is better": {
        "judge/order_auroc": "AUROC of order",
        "judge/regression_auroc": "AUROC of regression",
        "judge/spend_gini": "normalised Gini of spend",
    },
    "Calibration: nearer to 0 is better": {
        "judge/order_calibration_error": "calibration error of order",
        "judge/regression_calibration_error": "calibration error of regression",
        "judge/spend_bias": "bias of the total spend",
    },
}
"""Section, metric, title."""

_COURSES = {
    "per_cutoff/order_log_loss": "log loss of order",
    "per_cutoff/regression_log_loss": "log loss of regression",
    "per_cutoff/next_stage_log_loss": "log loss of the next stage",
}
"""Metric and title of what is drawn over the cut-offs."""

NOTE = """\
Which run is better? Open *Views* > *Which run is better*, as a list and as charts; then select runs and *Compare*.

Each run is a recipe, judged out of time beside a ladder of baselines. `gain/*_percent` says by how much the log \
loss lies below the best baseline's; `judge/*_log_loss` and `*_calibration_error`: lower is better; `*_auroc`, \
`*_gini`, `*_lift`: higher is. Only runs with the same dataset *judged at ...* can be compared number by number.

Why? *Compare* shows the settings that differ (*Show diff only*). The description of each run names its verdict; \
`tables/` and `plots/` hold the ladder with intervals, reliability, lift, stage flow, and what the model uses.
"""


@dataclass(frozen=True)
class View:
    """A saved view of an experiment.

    Attributes:
        key: its name in addresses.
        name: as the list of views shows it.
        note: of the experiment, where nobody has written one.
        columns: of the list of runs.
        charts: by section.
    """

    key: str
    name: str
    note: str
    columns: Sequence[str]
    charts: Mapping[str, Sequence[Chart]]


def which_is_better() -> View:
    """The view of training runs and backtests."""
    charts = {name: [_bar(metric, title) for metric, title in metrics.items()] for name, metrics in _CHARTS.items()}
    charts["Cut-off by cut-off: lower is better"] = [course((metric,), title) for metric, title in _COURSES.items()]
    charts |= {"Settings and results": [_parallel()], "Side by side": [_difference()]}
    return View(KEY, NAME, NOTE, COLUMNS, charts)


def lay_out(experiment_id: str, view: View | None = None) -> None:
    """Give an experiment its view, and its note unless it has one; a view saved by somebody else is left alone."""
    view = view or which_is_better()
    client = mlflow.MlflowClient()
    tags = client.get_experiment(experiment_id).tags
    wanted = {
        f"mlflow.sharedViewState.{view.key}": saved_view(view),
        "mlflow.note.content": tags.get("mlflow.note.content", view.note),
    }
    for key, value in wanted.items():
        if tags.get(key) != value:
            client.set_experiment_tag(experiment_id, key, value)


def saved_view(view: View) -> str:
    """The view as MLflow's UI reads it."""
    packed = base64.b64encode(zlib.compress(json.dumps(_state(view)).encode(), 9)).decode()
    return json.dumps({"name": view.name, "createdAt": 0, "updatedAt": 0, "state": f"deflate;{packed}"})


def _state(view: View) -> dict[str, Any]:
    sections = list(enumerate(view.charts.items()))
    return {
        "searchFilter": "",
        "orderByKey": "attributes.start_time",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
        "selectedColumns": list(view.columns),
        "columnOrder": [],
        "columnWidths": {},
        "runsHiddenMode": "FIRST_10_RUNS",
        "compareRunCharts": [_placed(chart, k, place) for k, (_, some) in sections for place, chart in enumerate(some)],
        "compareRunSections": [_section(k, name, len(some)) for k, (name, some) in sections],
        "viewMaximized": False,
        "runListHidden": False,
        "isAccordionReordered": True,
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "groupBy": None,
        "groupsExpanded": {},
    }


def _section(number: int, name: str, columns: int) -> dict[str, Any]:
    kept = {"display": True, "isReordered": True, "deleted": False, "isGenerated": False}
    return {
        "uuid": f"section-{number}",
        "name": name,
        "columns": columns,
        "cardHeight": 360 if columns > 1 else 560,
        **kept,
    }


def _placed(chart: dict[str, Any], section: int, place: int) -> dict[str, Any]:
    kept = {"runsCountToCompare": 10, "deleted": False, "isGenerated": False}
    return {"uuid": f"chart-{section}-{place}", "metricSectionId": f"section-{section}", **kept, **chart}


def _bar(metric: str, title: str) -> Chart:
    return {"type": "BAR", "metricKey": metric, "displayName": title}


def course(metrics: Sequence[str], title: str) -> Chart:
    """Lines of one or several metrics over the dates they are of."""
    return {
        "type": "LINE",
        "metricKey": metrics[0],
        "selectedMetricKeys": list(metrics),
        "displayName": title,
        "xAxisKey": "time",
        "useGlobalXaxisKey": False,
        "lineSmoothness": 0,
        "useGlobalLineSmoothing": False,
        "displayPoints": True,
    }


def _difference() -> dict[str, Any]:
    return {
        "type": "DIFFERENCE",
        "chartName": "What differs between the runs",
        "compareGroups": ["Model metrics", "Parameters"],
        "showChangeFromBaseline": True,
        "showDifferencesOnly": True,
        "baselineColumnUuid": "",
    }


def _parallel() -> dict[str, Any]:
    return {
        "type": "PARALLEL",
        "displayName": "Settings that shape a model, and its log loss",
        "selectedParams": ["fit_weeks", "booster.rounds", "booster.num_leaves", "booster.learning_rate"],
        "selectedMetrics": ["judge/order_log_loss", "judge/regression_log_loss"],
        "showAllRuns": False,
    }
