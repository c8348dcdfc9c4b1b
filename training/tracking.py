"""Write a training run to MLflow: numbers, pictures, tables, words, and the model as data."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.sources import LocalArtifactDatasetSource  # type: ignore[attr-defined]  # made at run time

from features.clock import to_date
from features.model.bundle import write_bundle
from features.model.forecast import Model
from features.model.manifest import DIGEST_TAG
from features.model.store import experiment, open_store, quiet
from features.stages.words import explain
from training.config import TrainingConfig
from training.figures import figures
from training.registration import log_model, register
from training.standing import by_standing
from training.story import describe, parameters
from training.train import Trained
from training.validity.of_run import validity_figures, validity_tables


@dataclass(frozen=True)
class Source:
    """Where the orders came from.

    Attributes:
        name: file or table, as the user gave it.
        digest: of the clean orders that were used.
        lines: order lines used.
        customers: customers among them.
    """

    name: str
    digest: str
    lines: int
    customers: int

    def __str__(self) -> str:
        return f"{self.lines:,} order lines of {self.customers:,} customers"


@dataclass(frozen=True)
class Version:
    """A registered version of the model.

    Attributes:
        name: registered model.
        version: its number.
        run_id: MLflow run that made it.
        digest: SHA-256 of the bundle's manifest.
        uri: absolute address of the store.
    """

    name: str
    version: int
    run_id: str
    digest: str
    uri: str


def publish(trained: Trained, source: Source, config: TrainingConfig, uri: str | None, settings: str) -> Version:
    """Log a run, register its model and point the alias `challenger` at it.

    Args:
        trained: what training made.
        source: where the orders came from.
        config: experiment and model names; logged as parameters.
        uri: tracking URI, or None for the default.
        settings: the whole configuration as JSON text, kept as a file.

    Raises:
        UsageError: the address of the store cannot be right, or the experiment was deleted.
        BusyError: another process has held the lock of the store for too long.
        StagecastError: the store cannot be reached, read or written.
    """
    place = open_store(uri)
    with quiet(), tempfile.TemporaryDirectory(prefix="stagecast-") as folder:
        bundle = Path(folder) / "bundle"
        digest = write_bundle(trained.model, bundle)
        tags = _tags(trained, source, digest)
        with mlflow.start_run(
            nested=mlflow.active_run() is not None,
            experiment_id=experiment(config.experiment, place),
            run_name=f"train {to_date(trained.end)}",
            tags=tags,
            description=describe(trained, str(source)),
        ) as run:
            mlflow.log_params(parameters(trained, config))
            mlflow.log_metrics(trained.judgement.headline() | trained.chosen.metrics())
            log_input(source, "training")
            _log_files(trained, settings, Path(folder) / "files")
            model_uri = log_model(trained.model, _example(trained.model), bundle, digest)
        version = register(model_uri, config.model_name, tags, place)
    return Version(config.model_name, version, run.info.run_id, digest, place)


def _tags(trained: Trained, source: Source, digest: str) -> dict[str, str]:
    model = trained.model
    return {
        "kind": "train",
        "as_of": str(to_date(trained.end)),
        "data_digest": source.digest,
        "spec_hash": model.spec.hash,
        "spec_origin": trained.chosen.wish.origin,
        "contract_hash": model.contract.hash,
        DIGEST_TAG: digest,
        "gate": "failed" if trained.judgement.losses() else "passed",
    }


def _example(model: Model) -> pd.DataFrame:
    """The typical customer as an input example: nobody's own row."""
    row = {name: [model.typical.get(name, np.nan)] for name in model.contract.features}
    return pd.DataFrame(row, dtype=np.float64)


def log_input(source: Source, context: str) -> None:
    """Log the orders as a dataset of the current run, with our own digest: MLflow's takes a minute on a million rows."""
    origin = LocalArtifactDatasetSource(source.name)
    dataset = MetaDataset(origin, name="orders", digest=source.digest[:32])  # type: ignore[abstract]  # MLflow's own
    mlflow.log_input(dataset, context=context)


def _log_files(trained: Trained, settings: str, folder: Path) -> None:
    (folder / "plots").mkdir(parents=True)
    (folder / "tables").mkdir()
    for name, figure in (*figures(trained.model, trained.judgement), *validity_figures(trained.validity)):
        figure.savefig(folder / "plots" / name, dpi=110)
    tables = {
        "ladder": trained.judgement.scores,
        "differences": trained.judgement.differences,
        "by_standing": by_standing(trained.judgement),
        **validity_tables(trained.validity),
    }
    for name, table in tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    (folder / "config.json").write_text(settings, encoding="utf-8")
    (folder / "spec.md").write_text("\n".join([*explain(trained.model.spec), ""]), encoding="utf-8")
    mlflow.log_artifacts(str(folder))
