"""Put a model into MLflow's registry: as data, under its digest, never as code or a pickle."""

from pathlib import Path

import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from features.errors import ModelError
from features.model.forecast import Model
from features.model.manifest import DIGEST_TAG
from features.model.store import lock, quiet
from features.stages.moves import STAGES
from training.promote import CHALLENGER

LOADER = "serving.pyfunc"
"""Module by which MLflow's pyfunc loads the bundle; a name, so that training does not import serving."""

SAID = (*(f"p_{stage}" for stage in STAGES), "p_order", "expected_spend")
"""Columns of the forecast that the model's signature promises."""

_KEPT = (DIGEST_TAG, "spec_hash", "spec_origin", "contract_hash", "as_of", "gate")


def log_model(model: Model, example: pd.DataFrame, bundle: Path, digest: str) -> str:
    """Log a bundle as a model of the current run.

    Args:
        model: the model in the bundle.
        example: some rows of features.
        bundle: folder that `write_bundle` wrote.
        digest: what it returned.

    Returns:
        MLflow's address of the model.

    Raises:
        ModelError: MLflow dropped the signature.
    """
    inputs, outputs = (Schema([ColSpec("double", name) for name in names]) for names in (model.contract.features, SAID))
    logged = mlflow.pyfunc.log_model(
        name="model",
        loader_module=LOADER,
        data_path=str(bundle),
        signature=ModelSignature(inputs, outputs),
        input_example=example,
        pip_requirements=["stagecast"],
        metadata={DIGEST_TAG: digest, "contract_hash": model.contract.hash, "spec_hash": model.spec.hash},
    )
    if logged.signature is None:
        raise ModelError("MLflow kept no signature of the model", remedy="this is a defect; please report it")
    return str(logged.model_uri)


def register(model_uri: str, name: str, tags: dict[str, str], uri: str) -> int:
    """Register a logged model and point the alias `challenger` at it; both under the store's lock.

    Args:
        model_uri: what `log_model` returned.
        name: registered model.
        tags: of the run; the digest is the one the scorer checks every byte against.
        uri: tracking URI, absolute.

    Returns:
        The new version.

    Raises:
        BusyError: another process has held the lock for too long.
    """
    with quiet(), lock(uri):  # MLflow speaks up again once it has logged a model
        version = mlflow.register_model(model_uri, name, tags={key: tags[key] for key in _KEPT})
        mlflow.MlflowClient().set_registered_model_alias(name, CHALLENGER, version.version)
    return int(version.version)
