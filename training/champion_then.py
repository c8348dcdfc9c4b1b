"""A run beside the run of the champion of its day: which is better, and in which settings they differ."""

from dataclasses import dataclass
from textwrap import shorten
from typing import Any

import mlflow
import pandas as pd
from mlflow.entities import Run

from training.lineage import Counted
from training.markdown import table
from training.promote import champion

_SHOWN = (
    "judge/order_log_loss",
    "judge/order_auroc",
    "judge/order_calibration_error",
    "judge/regression_log_loss",
    "judge/regression_auroc",
    "judge/next_stage_log_loss",
    "judge/spend_gini",
)

_LONGEST = 60
"""Characters of a setting that are shown; lists of features are longer."""


@dataclass(frozen=True)
class Mine:
    """What a run is about to log.

    Attributes:
        judged: dataset of the snapshots that judged it.
        metrics: by name.
        params: by name.
    """

    judged: Counted
    metrics: dict[str, float]
    params: dict[str, Any]


def beside_champion(mine: Mine, name: str, place: str) -> str:
    """The run beside the champion's, as Markdown.

    Args:
        mine: the run.
        name: registered model.
        place: absolute tracking URI.
    """
    standing = champion(name, place)
    if standing is None:
        return "There was no champion to compare with."
    client = mlflow.MlflowClient()
    run_id = client.get_model_version(name, str(standing.version)).run_id
    heading = f"**Beside the champion of the day, version {standing.version}**"
    if not run_id:
        return f"{heading}: it was registered without a run."
    theirs = client.get_run(run_id)
    if mine.judged.digest not in _digests(theirs):
        return f"{heading}: it was judged on other snapshots, so its numbers cannot be compared with these."
    return "\n\n".join([f"{heading}, on the same snapshots", _numbers(mine, theirs), _settings(mine, theirs)])


def _digests(run: Run) -> set[str]:
    return {used.dataset.digest for used in run.inputs.dataset_inputs} if run.inputs else set()


def _numbers(mine: Mine, theirs: Run) -> str:
    both = [name for name in _SHOWN if name in mine.metrics and name in theirs.data.metrics]
    ours, champions = [mine.metrics[name] for name in both], [theirs.data.metrics[name] for name in both]
    frame = pd.DataFrame({"metric": both, "this run": ours, "champion": champions})
    return table(frame.assign(difference=frame["this run"] - frame["champion"]).round(4))


def _settings(mine: Mine, theirs: Run) -> str:
    params = theirs.data.params
    apart = [name for name, value in mine.params.items() if str(value) != params.get(name, str(value))]
    if not apart:
        return "No setting differs."
    said = (f"`{name}` {_short(mine.params[name])} (champion: {_short(params[name])})" for name in apart)
    return "Settings that differ: " + "; ".join(said) + "."


def _short(value: object) -> str:
    return shorten(str(value), _LONGEST, placeholder=" ...")
