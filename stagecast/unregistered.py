"""A model that could not be registered is kept where it was trained: hours of work do not hang on a server."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import StagecastError
from features.model.address import shown

if TYPE_CHECKING:
    from training.tracking import Version

FOLDER = "unregistered"
"""Folder below the working folder with an MLflow store of its own."""

Publish = Callable[[str | None], "Version"]
"""From the address of a store to the version registered there."""


def or_kept(publish: Publish, uri: str | None) -> "Version":
    """Publish to a store; if that fails, whatever the server, the network or the disk says, publish to one here.

    Raises:
        StagecastError: it failed; the message tells where the run and the model are now, and what to do. It is of the
            kind that was raised, as far as that is one of ours.
    """
    try:
        return publish(uri)
    except Exception as error:
        raise _told(error, publish) from error


def _told(error: Exception, publish: Publish) -> StagecastError:
    kind = type(error) if isinstance(error, StagecastError) else StagecastError
    problem, got = "the model is trained, but could not be registered", _first_line(error)
    here = f"sqlite:///{Path(FOLDER).resolve() / 'mlflow.db'}"
    try:
        kept = publish(here)
    except Exception as second:
        lost = f"{got}; nor could it be kept in {FOLDER}: {_first_line(second)}"
        return kind(problem, got=lost, remedy="mend that and train again: the model will be the same")
    return kind(
        problem,
        got=got,
        remedy=f"nothing is lost: look at it and score with it by --tracking-uri {here} --model {kept.name}/"
        f"{kept.version}; once the store answers, train again: the model will be the same, byte for byte",
    )


def _first_line(error: Exception) -> str:
    said = str(error).strip().splitlines() or [type(error).__name__]
    return shown(said[0])[:300]
