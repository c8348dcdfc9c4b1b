"""A run in MLflow with what every kind of run has: its kind, its code, its place in a readable experiment."""

from collections.abc import Iterator
from contextlib import contextmanager

import mlflow
from mlflow.entities import Run

from features.model.store import experiment
from training.config import TrainingConfig
from training.lineage import of_code
from training.views import lay_out


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
