"""A real MLflow store with two published versions of one model: the first passed its gate, the second did not."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import mlflow
import numpy as np
from mlflow.entities import Dataset, Run
from undrawn import undrawn

from features.stages.moves import Stage
from training.bootstrap import Resampling
from training.config import TrainingConfig
from training.forecasts import Forecasts
from training.gate.evidence import said_by, with_champion
from training.gate.standing import Stood
from training.gate.verdict import judge_challenger
from training.judge import Judging
from training.ladder import MODEL
from training.lineage import Source
from training.tracking import Version, publish
from training.train import Trained

SOURCE = Source("orders.parquet", "0123456789abcdef", 1234, 300, "2021-02-15")
NAME = "stagecast"
JUDGING, FEWEST = Judging(Resampling(100)), 20


@dataclass(frozen=True)
class Store:
    """Where it lies, and the versions in it."""

    folder: Path
    versions: tuple[Version, Version]

    @property
    def uri(self) -> str:
        return self.versions[0].uri

    @property
    def client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient(self.uri, self.uri)

    @property
    def run(self) -> Run:
        return self.client.get_run(self.versions[0].run_id)

    def files(self) -> list[Path]:
        """Every artifact of both runs and both models."""
        return [path for path in (self.folder / "mlartifacts").rglob("*") if path.is_file()]

    def descriptions(self) -> list[str]:
        """Of both runs."""
        return [self.client.get_run(each.run_id).data.tags["mlflow.note.content"] for each in self.versions]

    def dataset(self, context: str) -> Dataset:
        """The dataset that the first run used in some context."""
        used = {one.tags[0].value: one.dataset for one in self.run.inputs.dataset_inputs}
        return used[context]

    def alias(self, name: str) -> int | None:
        found = self.client.get_registered_model(NAME).aliases
        return int(found[name]) if name in found else None


def published(folder: Path, trained: Trained) -> Store:
    """Publish a model twice into a new store: once with better, once with worse forecasts than it made."""
    config = TrainingConfig(fit_weeks=8, validity_resamples=0, threads=1)
    settings, uri = json.dumps({"training": config.model_dump(mode="json")}), f"sqlite:///{folder / 'mlflow.db'}"
    won = said(trained, 0.5)
    one = publish(won, SOURCE, config, uri, settings)
    client = mlflow.MlflowClient(one.uri, one.uri)
    client.set_registered_model_alias(NAME, "champion", "1")  # so that the second has one to be told beside
    stood = Stood(1, "champion version 1 itself", said_by(won.judgement.forecasts, MODEL))
    with undrawn():
        two = publish(
            said(trained, -0.5, stood), SOURCE, config.model_copy(update={"fit_rows": 200_000}), uri, settings
        )
    client.delete_registered_model_alias(NAME, "champion")
    return Store(folder, (one, two))


def said(trained: Trained, share: float, stood: Stood | None = None) -> Trained:
    """A training whose forecasts were moved by a share of the way to what came or, below 0, to what did not."""
    forecasts = moved(trained.judgement.forecasts, share)
    beside = with_champion(forecasts, stood.said) if stood and stood.said else forecasts
    verdict = judge_challenger(beside, stood.words if stood else None, JUDGING, FEWEST)
    judgement = replace(trained.judgement, forecasts=forecasts)
    return replace(trained, judgement=judgement, stood=stood, verdict=verdict)


def moved(forecasts: Forecasts, share: float, who: str = MODEL) -> Forecasts:
    """Forecasts of one predictor moved by a share of the way to what came or, below 0, to what did not."""
    came = {
        "order": forecasts.ordered.astype(float),
        "regression": (forecasts.next_stage == Stage.REGRESSION).astype(float),
        "next stage": np.eye(4)[forecasts.next_stage],
    }
    for target, truth in came.items():
        goal = truth if share > 0 else np.roll(truth, 1, axis=1) if truth.ndim == 2 else 1 - truth
        p = forecasts.said[target][who]
        forecasts = forecasts.beside(target, who, p + abs(share) * (goal - p))
    return forecasts
