"""Write a training run to MLflow and register its model as data."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.sources import LocalArtifactDatasetSource
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from features.clock import to_date
from features.errors import ModelError
from features.model.bundle import write_bundle
from features.model.forecast import Model
from features.model.store import experiment, lock, open_store, quiet
from features.stages.moves import STAGES
from training.config import TrainingConfig
from training.figures import figures
from training.judge import by_standing
from training.promote import CHALLENGER, DIGEST_TAG
from training.train import Trained

LOADER = "serving.pyfunc"
"""Module by which MLflow's pyfunc loads the bundle; a name, so that training does not import serving."""


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


@dataclass(frozen=True)
class Version:
    """A registered version of the model."""

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
        settings: the whole configuration as TOML or JSON text, kept as a file.
    """
    place = open_store(uri)
    with quiet(), tempfile.TemporaryDirectory(prefix="stagecast-") as folder:
        bundle = Path(folder) / "bundle"
        digest = write_bundle(trained.model, bundle)
        tags = _tags(trained, source, digest)
        with mlflow.start_run(
            experiment_id=experiment(config.experiment, place),
            run_name=f"train {to_date(trained.end)}",
            tags=tags,
            description=describe(trained, source),
        ) as run:
            mlflow.log_params(_parameters(trained, config))
            mlflow.log_metrics(trained.judgement.headline())
            _log_input(source)
            _log_files(trained, settings, Path(folder) / "files")
            model_uri = _log_model(trained.model, trained.judgement.table.features.head(5), bundle, digest)
        version = _register(model_uri, config.model_name, tags, place)
    return Version(config.model_name, version, run.info.run_id, digest, place)


def describe(trained: Trained, source: Source) -> str:
    """The run in words, as Markdown."""
    mine = trained.judgement.scores
    table = mine[mine["target"] != "spend"].dropna(axis=1, how="all").round(4)
    losses = trained.judgement.losses()
    verdict = "Not worse than any baseline beyond chance." if not losses else "Worse than: " + "; ".join(losses)
    judged = ", ".join(str(to_date(cutoff)) for cutoff in trained.judged.judge)
    return (
        f"Trained on {source.lines:,} order lines of {source.customers:,} customers, used up to {to_date(trained.end)}."
        f"\n\nJudged out of time at {judged}; period {trained.model.spec.hold_days} days. {verdict}\n\n"
        + _markdown(table)
        + "\n\nThe registered model is the same recipe fitted on the newest finished cut-offs."
    )


def _markdown(table: pd.DataFrame) -> str:
    head = [" | ".join(map(str, table.columns)), " | ".join("---" for _ in table.columns)]
    rows = [" | ".join("" if pd.isna(value) else str(value) for value in row) for row in table.itertuples(index=False)]
    return "\n".join(f"| {line} |" for line in head + rows)


def _tags(trained: Trained, source: Source, digest: str) -> dict[str, str]:
    model = trained.model
    return {
        "kind": "train",
        "as_of": str(to_date(trained.end)),
        "data_digest": source.digest,
        "spec_hash": model.spec.hash,
        "contract_hash": model.contract.hash,
        DIGEST_TAG: digest,
        "gate": "passed" if not trained.judgement.losses() else "failed",
    }


def _parameters(trained: Trained, config: TrainingConfig) -> dict[str, Any]:
    parameters = {f"booster.{name}": value for name, value in config.booster.model_dump().items()}
    parameters |= {name: value for name, value in config.model_dump().items() if isinstance(value, int | float | str)}
    return parameters | {
        "split.fit": len(trained.shipped.fit),
        "split.fit_from": str(to_date(trained.shipped.fit[0])),
        "split.calibrate": len(trained.shipped.calibrate),
        "split.judge": len(trained.judged.judge),
        "rows": trained.rows,
        "features": len(trained.model.contract.features),
    }


def _log_input(source: Source) -> None:
    """Dataset with our own digest: MLflow's takes a minute on a million rows."""
    origin = LocalArtifactDatasetSource(source.name)
    mlflow.log_input(MetaDataset(origin, name="orders", digest=source.digest[:32]), context="training")


def _log_files(trained: Trained, settings: str, folder: Path) -> None:
    (folder / "plots").mkdir(parents=True)
    (folder / "tables").mkdir()
    for name, figure in figures(trained.model, trained.judgement):
        figure.savefig(folder / "plots" / name, dpi=110)
    tables = {
        "ladder": trained.judgement.scores,
        "differences": trained.judgement.differences,
        "by_standing": by_standing(trained.judgement),
    }
    for name, table in tables.items():
        table.to_csv(folder / "tables" / f"{name}.csv", index=False)
    (folder / "config.json").write_text(settings, encoding="utf-8")
    mlflow.log_artifacts(str(folder))


def _log_model(model: Model, example: pd.DataFrame, bundle: Path, digest: str) -> str:
    inputs = Schema([ColSpec("double", name) for name in model.contract.features])
    said = [*(f"p_{stage}" for stage in STAGES), "p_order", "expected_spend"]
    outputs = Schema([ColSpec("double", name) for name in said])
    logged = mlflow.pyfunc.log_model(
        name="model",
        loader_module=LOADER,
        data_path=str(bundle),
        signature=ModelSignature(inputs, outputs),
        input_example=example,
        pip_requirements=["stagecast"],
        metadata={"bundle_sha256": digest, "contract_hash": model.contract.hash, "spec_hash": model.spec.hash},
    )
    if logged.signature is None:
        raise ModelError("MLflow kept no signature of the model", remedy="this is a defect; please report it")
    return str(logged.model_uri)


def _register(model_uri: str, name: str, tags: dict[str, str], uri: str) -> int:
    kept = {key: tags[key] for key in (DIGEST_TAG, "spec_hash", "contract_hash", "as_of", "gate")}
    with lock(uri):
        version = mlflow.register_model(model_uri, name, tags=kept)
        mlflow.MlflowClient().set_registered_model_alias(name, CHALLENGER, version.version)
    return int(version.version)


def as_json(value: object) -> str:
    """Configuration as readable JSON."""
    return json.dumps(value, indent=2, sort_keys=True, default=str)
