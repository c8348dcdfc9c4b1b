"""A real MLflow store with two published versions of one model: the first passed its gate, the second did not."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.entities import Dataset, Run

from training.config import TrainingConfig
from training.lineage import Source
from training.tracking import Version, publish
from training.train import Trained

SOURCE = Source("orders.parquet", "0123456789abcdef", 1234, 300)
NAME = "stagecast"


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
    """Publish a model twice into a new store: once with better, once with worse differences than it has."""
    config = TrainingConfig(fit_weeks=8, validity_resamples=0, threads=1)
    settings, uri = json.dumps({"training": config.model_dump(mode="json")}), f"sqlite:///{folder / 'mlflow.db'}"
    differences = trained.judgement.card.differences
    won, lost = differences.assign(log_loss_low=-0.03), differences.assign(log_loss=0.02, log_loss_low=0.01)
    one = publish(_with(trained, won), SOURCE, config, uri, settings)
    client = mlflow.MlflowClient(one.uri, one.uri)
    client.set_registered_model_alias(NAME, "champion", "1")  # so that the second has one to be told beside
    two = publish(_with(trained, lost), SOURCE, config.model_copy(update={"fit_rows": 200_000}), uri, settings)
    client.delete_registered_model_alias(NAME, "champion")
    return Store(folder, (one, two))


def _with(trained: Trained, differences: pd.DataFrame) -> Trained:
    judgement = trained.judgement
    return replace(trained, judgement=replace(judgement, card=replace(judgement.card, differences=differences)))
