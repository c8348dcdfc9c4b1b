"""A run in MLflow with what every kind of run has: its kind, its code, its place in a readable experiment."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite

import mlflow
import pandas as pd
from mlflow.entities import Metric, Run

from features.model.store import experiment
from training.config import TrainingConfig
from training.ladder import MODEL
from training.lineage import of_code
from training.views import lay_out

BY_CUTOFF = {"order": ("log_loss", "auroc"), "regression": ("log_loss", "auroc"), "next stage": ("log_loss",)}
"""Metrics that are logged at each cut-off, by target."""

_MILLISECONDS = 24 * 60 * 60 * 1000
"""Of a day: a tick is a day number, MLflow dates a metric in milliseconds."""


@contextmanager
def started(kind: str, name: str, config: TrainingConfig, place: str) -> Iterator[Run]:
    """A run that is open inside the `with`; nested where another one is.

    Args:
        kind: `train`, `backtest`, `tune`, `trial`: kept as a tag to filter by.
        name: of the run.
        config: names the experiment.
        place: absolute tracking URI, as `open_store` returns it.
    """
    found = experiment(config.experiment, place, config.artifacts)
    lay_out(found)
    nested = mlflow.active_run() is not None
    with mlflow.start_run(nested=nested, experiment_id=found, run_name=name, tags={"kind": kind, **of_code()}) as run:
        yield run


def say(words: str) -> None:
    """Give the open run its description, as Markdown."""
    mlflow.set_tag("mlflow.note.content", words)


def log_by_cutoff(run: Run, by_cutoff: pd.DataFrame) -> None:
    """Log the model's few main numbers at each cut-off, as steps dated by the cut-off, so that the UI draws them.

    Args:
        run: an open run.
        by_cutoff: as in `Scorecard`.
    """
    mine = by_cutoff[by_cutoff["predictor"] == MODEL].sort_values("cutoff")
    steps = {cutoff: step for step, cutoff in enumerate(mine["cutoff"].unique())}
    points = [
        Metric(f"per_cutoff/{target.replace(' ', '_')}_{name}", value, int(cutoff) * _MILLISECONDS, steps[cutoff])
        for target, names in BY_CUTOFF.items()
        for name in names
        for cutoff, value in mine.loc[mine["target"] == target, ["cutoff", name]].to_numpy().tolist()
        if isfinite(value)
    ]
    mlflow.MlflowClient().log_batch(run.info.run_id, metrics=points)
