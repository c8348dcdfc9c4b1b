"""What the gate reads of versions and runs in MLflow, and the words it leaves there."""

import getpass
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import mlflow
from mlflow.artifacts import download_artifacts
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from pydantic import ValidationError

from features.clock import to_day
from features.errors import GateError, ModelError
from features.model.forecast import Model
from features.model.manifest import sha256
from features.model.store import quiet
from training.config import TrainingConfig
from training.gate.champions import version_of
from training.gate.evidence import DIGEST_TAG, FILE, Evidence
from training.gate.standing import Standing

BREAK = "\n\n---\n\n"
"""Between the verdict of the gate, which promotion may renew, and what training wrote."""

_NOTE = "mlflow.note.content"
_LONGEST = 4900
"""Characters of a version's description: a database may keep 5,000."""


def standing_of(name: str, version: int, model: Model) -> Standing:
    """A registered version as it must be known to be judged; the store is open.

    Args:
        name: registered model.
        version: its number.
        model: in it, checked byte by byte.
    """
    with quiet():
        found = version_of(name, version)
        return Standing(version, model, _end(found), _config(found))


def evidence_of(version: ModelVersion) -> Evidence | None:
    """The forecasts a version's run kept, checked against their digest; None where it kept none.

    Raises:
        ModelError: they are not those that were kept.
    """
    digest = version.tags.get(DIGEST_TAG)
    content = _artifact(version, FILE)
    if digest is None or content is None:
        return None
    if sha256(content) != digest:
        raise ModelError(
            f"the forecasts of version {version.version} of '{version.name}' are not those that were kept",
            got=f"sha256 {sha256(content)}",
            allowed=digest,
            remedy="restore the artifacts of its run, or train again",
        )
    return Evidence.from_bytes(content)


def demanded_evidence(version: ModelVersion) -> Evidence:
    """The forecasts a version's run kept.

    Raises:
        GateError: it kept none.
        ModelError: they are not those that were kept.
    """
    evidence = evidence_of(version)
    if evidence is None:
        raise GateError(
            f"version {version.version} of '{version.name}' kept no forecasts that it could be judged by",
            allowed="a version whose run has them",
            remedy="train again, which keeps them; or use --force --reason TEXT and answer for it",
        )
    return evidence


def kept_evidence(name: str, version: int) -> Evidence:
    """The forecasts that the run of a version kept; the store is open. Raises as `demanded_evidence`."""
    with quiet():
        return demanded_evidence(version_of(name, version))


def headed(words: str, before: str) -> str:
    """A description with another verdict; what training wrote above and below its own stays."""
    lead, _, _ = before.partition("\n\n")
    kept = f"{lead}\n\n" if lead and not lead.startswith("**") and BREAK in before else ""
    return f"{kept}{words}{BREAK}{before.split(BREAK, 1)[-1]}"


def describe(version: ModelVersion, words: str, tags: dict[str, str]) -> None:
    """Leave words and tags with a version and with its run, if that is still there."""
    client = mlflow.MlflowClient()
    client.update_model_version(version.name, version.version, headed(words, version.description or "")[:_LONGEST])
    for key, value in tags.items():
        client.set_model_version_tag(version.name, version.version, key, value)
    try:
        note = client.get_run(version.run_id or "").data.tags.get(_NOTE, "")
        for key, value in {**tags, _NOTE: headed(words, note)}.items():
            client.set_tag(version.run_id or "", key, value)
    except MlflowException:  # deleted, or never there
        return


def signed(reason: str | None, verb: str) -> dict[str, str]:
    """Tags that say who did something, when and why: `promoted_by`, ..."""
    named = {f"{verb}_by": _who(), f"{verb}_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    return named | {f"{verb}_because": reason or ""}


def _who() -> str:
    """The user, as the operating system or LOGNAME and USER say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def _end(version: ModelVersion) -> int | None:
    try:
        return to_day(datetime.fromisoformat(version.tags["as_of"]).date())
    except (KeyError, ValueError):
        return None


def _config(version: ModelVersion) -> TrainingConfig | None:
    content = _artifact(version, "config.json")
    try:
        return TrainingConfig.model_validate(json.loads(content)["training"]) if content else None
    except (KeyError, ValueError, ValidationError):
        return None


def _artifact(version: ModelVersion, path: str) -> bytes | None:
    """A file of a version's run; None where there is no such run or file."""
    with tempfile.TemporaryDirectory(prefix="stagecast-") as folder:
        try:
            found = download_artifacts(run_id=version.run_id, artifact_path=path, dst_path=folder)
            return Path(found).read_bytes()
        except (MlflowException, OSError):
            return None
