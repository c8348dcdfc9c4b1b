"""Put a model into MLflow's registry: as data, under its digest, never as code or a pickle."""

from dataclasses import dataclass
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema

from features.errors import ModelError
from features.model.forecast import AS_OF, FORECAST, Model
from features.model.manifest import DIGEST_TAG
from features.model.store import lock, quiet
from training.gate.champions import CHALLENGER
from training.gate.evidence import DIGEST_TAG as FORECASTS_TAG

LOADER = "serving.pyfunc"
"""Module by which MLflow's pyfunc loads the bundle; a name, so that training does not import serving."""

_KEPT = (
    *("gate", "as_of", "spec_origin", "spec_hash", "contract_hash", "data_digest"),
    *(DIGEST_TAG, FORECASTS_TAG),
)


@dataclass(frozen=True)
class Logged:
    """A model that MLflow keeps: its id, by which metrics are linked to it, and its address."""

    model_id: str
    uri: str


@dataclass(frozen=True)
class About:
    """What the registry's pages say.

    Attributes:
        name: registered model.
        card: of the registered model, as Markdown.
        version: of this version, as Markdown.
    """

    name: str
    card: str
    version: str


def log_model(model: Model, example: pd.DataFrame, bundle: Path, digest: str) -> Logged:
    """Log a bundle as a model of the current run.

    Args:
        model: the model in the bundle.
        example: some rows of features.
        bundle: folder that `write_bundle` wrote.
        digest: what it returned.

    Raises:
        ModelError: MLflow dropped the signature.
    """
    inputs, outputs = (
        Schema([ColSpec("double", name) for name in names]) for names in (model.contract.features, FORECAST)
    )
    logged = mlflow.pyfunc.log_model(
        name="model",
        loader_module=LOADER,
        data_path=str(bundle),
        signature=ModelSignature(inputs, outputs, ParamSchema([ParamSpec(AS_OF, "string", "")])),
        input_example=example,
        pip_requirements=["stagecast"],
        metadata={DIGEST_TAG: digest, "contract_hash": model.contract.hash, "spec_hash": model.spec.hash},
    )
    if logged.signature is None:
        raise ModelError("MLflow kept no signature of the model", remedy="this is a defect; please report it")
    return Logged(str(logged.model_id), str(logged.model_uri))


def register(model: Logged, about: About, tags: dict[str, str], uri: str) -> int:
    """Register a logged model and point the alias `challenger` at it; both under the store's lock.

    Args:
        model: what `log_model` returned.
        about: the name it gets, and the words.
        tags: of the run; the digest is the one the scorer checks every byte against.
        uri: tracking URI, absolute.

    Returns:
        The new version.

    Raises:
        BusyError: another process has held the lock for too long.
    """
    with quiet(), lock(uri):  # MLflow speaks up again once it has logged a model
        client = mlflow.MlflowClient()
        version = mlflow.register_model(model.uri, about.name, tags={key: tags[key] for key in _KEPT})
        client.update_model_version(about.name, version.version, about.version)
        if not client.get_registered_model(about.name).description:  # what a person wrote there stays
            client.update_registered_model(about.name, about.card)
        client.set_registered_model_alias(about.name, CHALLENGER, version.version)
    return int(version.version)
