"""Move the alias `champion`, under a lock, once a candidate has shown that it deserves it."""

from dataclasses import dataclass
from typing import Literal

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException

from features.errors import BusyError, GateError, ModelError
from features.model.store import has_store, lock, open_store, quiet
from training.chosen import REFIT

Gate = Literal["better", "same spec"]
"""What a candidate is asked for: to be no worse than doing without a model, and to keep the champion's stage spec."""

CHAMPION, CHALLENGER = "champion", "challenger"
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # of a model, of an alias of one


@dataclass(frozen=True)
class Promotion:
    """A move of the alias `champion`.

    Attributes:
        name: registered model.
        version: the champion now.
        before: the champion before, or None.
        specs: hash of the stage spec before (None without a champion) and now.
    """

    name: str
    version: int
    before: int | None
    specs: tuple[str | None, str]

    @property
    def comparable(self) -> bool:
        """Whether stages mean the same under the champion now as under the one before."""
        return self.specs[0] in (None, self.specs[1])


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
        found = _aliased(name, CHAMPION)
    return Champion(int(found.version), _spec_hash(found)) if found else None


def promote(
    name: str, version: int, before: int | None, uri: str | None = None, waived: frozenset[Gate] = frozenset()
) -> Promotion:
    """Make a version the champion.

    The caller has loaded and tried the version as the scorer would, and says
    which champion it saw; if that has changed meanwhile, nothing is moved.

    Args:
        name: registered model.
        version: the version to promote.
        before: version of the champion that the caller saw, or None.
        uri: tracking URI.
        waived: gates that do not count this time.

    Raises:
        GateError: out of time the version was worse than a baseline beyond
            chance; or its stage spec is another than the champion's, and
            nobody asked for that.
        BusyError: somebody else moved the alias, or holds the lock.
        ModelError: there is no such version.
    """
    place = open_store(uri)
    with quiet(), lock(place):
        client = mlflow.MlflowClient()
        candidate, standing = _found(name, version), _aliased(name, CHAMPION)
        now = int(standing.version) if standing else None
        if "better" not in waived:
            _require_better(candidate)
        if standing and "same spec" not in waived:
            _require_same_spec(candidate, standing)
        if now != before:
            raise BusyError(
                "the champion was moved by somebody else meanwhile",
                got=f"version {now}",
                allowed=f"version {before}, as it was at the start",
                remedy="look at the new champion, then run the command again",
            )
        client.set_registered_model_alias(name, CHAMPION, str(version))
        verdict = "by force" if "better" in waived else "by the gate"
        client.set_model_version_tag(name, str(version), "promoted", verdict)
    return Promotion(name, version, before, (_spec_hash(standing) if standing else None, _spec_hash(candidate)))


def _found(name: str, version: int) -> ModelVersion:
    try:
        return mlflow.MlflowClient().get_model_version(name, str(version))
    except MlflowException as error:
        if error.error_code not in _ABSENT:
            raise
        raise ModelError(
            f"there is no version {version} of '{name}'", got=str(error.message), remedy="train one first"
        ) from None


def _require_better(candidate: ModelVersion) -> None:
    verdict = candidate.tags.get("gate", "missing")
    if verdict != "passed":
        raise GateError(
            f"version {candidate.version} of '{candidate.name}' did not pass its gate",
            got=f"gate {verdict}",
            allowed="out of time, in log loss, no worse beyond chance than doing without a model",
            remedy="see tables/differences.csv of its run; train on more orders, or use --force and answer for it",
        )


def _require_same_spec(candidate: ModelVersion, standing: ModelVersion) -> None:
    """Another spec gives stages another meaning: never by the way, only because somebody asked for it."""
    if _spec_hash(candidate) == _spec_hash(standing) or candidate.tags.get("spec_origin") == REFIT:
        return
    raise GateError(
        f"version {candidate.version} of '{candidate.name}' has another stage spec than the champion",
        got=f"spec {_spec_hash(candidate)}",
        allowed=f"spec {_spec_hash(standing)}, as champion version {standing.version} has it",
        remedy="scores of the two cannot be compared: train again, which keeps the champion's spec;"
        " or ask for the new one with promote --new-spec, or when training with --refit-spec",
    )


def _spec_hash(version: ModelVersion) -> str:
    return str(version.tags.get("spec_hash", "unknown"))


def _aliased(name: str, alias: str) -> ModelVersion | None:
    try:
        return mlflow.MlflowClient().get_model_version_by_alias(name, alias)
    except MlflowException as error:
        if error.error_code in _ABSENT:
            return None
        raise
