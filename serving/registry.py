"""Fetch a model from MLflow's registry without running or believing anything in it.

Alias to version, files to a private folder, sums against the version's own
tag; only then does LightGBM read a byte. MLflow's model loader is not used.
"""

import re
import tempfile
from pathlib import Path

from mlflow import MlflowClient
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from features.errors import ModelError, UsageError
from features.model.address import MODEL, shown, tracking_uri
from features.model.bundle import read_bundle
from features.model.forecast import Model
from features.model.manifest import DIGEST_TAG, MANIFEST
from features.model.store import has_store, open_store, quiet
from serving.registered import Registered


def fetch(which: str, uri: str | None = None) -> Registered:
    """The model that `NAME@ALIAS` or `NAME/VERSION` names, checked byte by byte.

    Raises:
        UsageError: `which` has another form.
        ModelError: there is no such model, or its files are not those that
            were registered.
    """
    named = MODEL.fullmatch(which)
    if named is None:
        raise UsageError(
            "this names no model", got=which, allowed="NAME@ALIAS or NAME/VERSION, as in stagecast@champion"
        )
    if not has_store(uri):
        raise _no_model(which, f"no store at {shown(tracking_uri(uri))}")
    open_store(uri)
    with quiet():
        found = _resolve(which, named)
        digest = found.tags.get(DIGEST_TAG)
        if not digest:
            raise ModelError(
                f"version {found.version} of '{found.name}' carries no digest, so its files cannot be checked",
                got=f"tags {', '.join(sorted(found.tags)) or 'none'}",
                allowed=f"a tag '{DIGEST_TAG}'",
                remedy="register models with: stagecast train",
            )
        model = _download(found, digest)
    return Registered(model, str(found.name), int(found.version), str(found.run_id), digest)


def _resolve(which: str, named: re.Match[str]) -> ModelVersion:
    client = MlflowClient()
    try:
        if named["alias"]:
            return client.get_model_version_by_alias(named["name"], named["alias"])
        return client.get_model_version(named["name"], named["version"])
    except MlflowException as error:
        raise _no_model(which, str(error.message)) from None


def _no_model(which: str, got: str) -> ModelError:
    return ModelError(
        f"there is no model {which}",
        got=got,
        remedy="train one (stagecast train ORDERS --as-of DATE), then promote it (stagecast promote), "
        "or name another with --model",
    )


def _download(found: ModelVersion, digest: str) -> Model:
    with tempfile.TemporaryDirectory(prefix="stagecast-") as folder:
        try:
            download_artifacts(f"models:/{found.name}/{found.version}", dst_path=folder)
        except (MlflowException, OSError) as error:
            raise ModelError(
                f"the files of version {found.version} of '{found.name}' cannot be fetched",
                got=str(error).splitlines()[0],
                remedy="check the store's artifact folder, or roll back to another version",
            ) from None
        manifests = sorted(Path(folder).rglob(MANIFEST))
        if len(manifests) != 1:
            raise ModelError(
                f"version {found.version} of '{found.name}' holds no stagecast bundle",
                got=f"{len(manifests)} files named {MANIFEST}",
                allowed="one",
                remedy="register models with: stagecast train",
            )
        return read_bundle(manifests[0].parent, digest)
