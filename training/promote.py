"""Move the alias `champion`, under a lock, once a candidate has shown that it deserves it."""

from dataclasses import dataclass

import mlflow
from mlflow.exceptions import MlflowException

from features.errors import BusyError, GateError, ModelError
from features.model.store import lock, open_store, quiet

CHAMPION, CHALLENGER = "champion", "challenger"
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")  # of a model, of an alias of one


@dataclass(frozen=True)
class Promotion:
    """A move of the alias `champion`.

    Attributes:
        name: registered model.
        version: the champion now.
        before: the champion before, or None.
    """

    name: str
    version: int
    before: int | None


def champion(name: str, uri: str | None = None) -> int | None:
    """Version of the present champion, or None."""
    open_store(uri)
    with quiet():
        return _aliased(name, CHAMPION)


def promote(name: str, version: int, before: int | None, uri: str | None = None, force: bool = False) -> Promotion:
    """Make a version the champion.

    The caller has loaded and tried the version as the scorer would, and says
    which champion it saw; if that has changed meanwhile, nothing is moved.

    Raises:
        GateError: out of time the version was worse than a baseline beyond chance.
        BusyError: somebody else moved the alias, or holds the lock.
        ModelError: there is no such version.
    """
    place = open_store(uri)
    with quiet(), lock(place):
        client = mlflow.MlflowClient()
        _require_gate(name, version, force)
        if (now := _aliased(name, CHAMPION)) != before:
            raise BusyError(
                "the champion was moved by somebody else meanwhile",
                got=f"version {now}",
                allowed=f"version {before}, as it was at the start",
                remedy="look at the new champion, then run the command again",
            )
        client.set_registered_model_alias(name, CHAMPION, str(version))
        client.set_model_version_tag(name, str(version), "promoted", "by force" if force else "by the gate")
    return Promotion(name, version, before)


def _require_gate(name: str, version: int, force: bool) -> None:
    try:
        found = mlflow.MlflowClient().get_model_version(name, str(version))
    except MlflowException as error:
        if error.error_code not in _ABSENT:
            raise
        raise ModelError(
            f"there is no version {version} of '{name}'", got=str(error.message), remedy="train one first"
        ) from None
    verdict = found.tags.get("gate", "missing")
    if verdict != "passed" and not force:
        raise GateError(
            f"version {version} of '{name}' did not pass its gate",
            got=f"gate {verdict}",
            allowed="out of time, in log loss, no worse beyond chance than doing without a model",
            remedy="see tables/differences.csv of its run; train on more orders, or use --force and answer for it",
        )


def _aliased(name: str, alias: str) -> int | None:
    try:
        return int(mlflow.MlflowClient().get_model_version_by_alias(name, alias).version)
    except MlflowException as error:
        if error.error_code in _ABSENT:
            return None
        raise
