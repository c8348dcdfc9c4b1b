"""Who is champion, and who was before: the alias, and a list of them as a tag of the registered model."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from features.errors import ModelError
from features.model.store import has_store, open_store, quiet

CHAMPION, CHALLENGER = "champion", "challenger"
CHAMPIONS = "champions"
"""Tag of the registered model: versions that were champion, oldest first, as JSON."""

_KEPT = 100
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # of a model, of an alias of one


@dataclass(frozen=True)
class Champion:
    """The version that scores, and the hash of its stage spec."""

    version: int
    spec_hash: str


def champion(name: str, uri: str | None = None) -> Champion | None:
    """The present champion, or None; where there is no store yet, none is made."""
    if not has_store(uri):
        return None
    open_store(uri)
    with quiet():
        found = aliased(name, CHAMPION)
    return Champion(int(found.version), spec_hash(found)) if found else None


def version_of(name: str, version: int) -> ModelVersion:
    """A version by its number.

    Raises:
        ModelError: there is none.
    """
    found = version_if_any(name, version)
    if found is None:
        raise ModelError(f"there is no version {version} of '{name}'", remedy="train one first")
    return found


def version_if_any(name: str, version: int) -> ModelVersion | None:
    """A version by its number, or None; other trouble with the store is raised."""
    return _if_any(lambda client: client.get_model_version(name, str(version)))


def aliased(name: str, alias: str) -> ModelVersion | None:
    """The version an alias points at, or None; other trouble with the store is raised."""
    return _if_any(lambda client: client.get_model_version_by_alias(name, alias))


def spec_hash(version: ModelVersion) -> str:
    """Hash of a version's stage spec."""
    return str(version.tags.get("spec_hash", "unknown"))


def reigns(name: str, now: int | None) -> list[int]:
    """Versions that were champion, oldest first, the present one last.

    The list is written before the alias moves forward and after it moves back,
    so a process killed in between leaves more in it than happened: what stands
    behind the present champion did not.
    """
    tags = mlflow.MlflowClient().get_registered_model(name).tags
    past: list[int] = json.loads(tags.get(CHAMPIONS, "[]"))
    if now is None:
        return past
    return past[: len(past) - past[::-1].index(now)] if now in past else [*past, now]


def write_reigns(name: str, versions: list[int]) -> None:
    """Keep the list of champions."""
    mlflow.MlflowClient().set_registered_model_tag(name, CHAMPIONS, json.dumps(versions[-_KEPT:]))


def _if_any(ask: Callable[[mlflow.MlflowClient], ModelVersion]) -> ModelVersion | None:
    try:
        return ask(mlflow.MlflowClient())
    except MlflowException as error:
        if error.error_code in _ABSENT:
            return None
        raise
