"""Copies of models that scored, so that a version can score again while the registry is away.

A version never changes, and its copy is read under the same sums as the
original. An alias does: which version is champion only the registry knows, so
without it an alias is refused.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from pydantic import Field, ValidationError

from features.config import Strict
from features.errors import ModelError, StagecastError
from features.files import write_whole
from features.model.bundle import read_bundle, write_bundle
from serving.registered import Registered
from serving.registry import fetch

COPIES = "models"
"""Their folder, in that of unfinished work."""

KEPT = 3
"""Copies that are kept: the models that scored last."""


class Note(Strict):
    """What is known of a copy: whose it is, and the sum of its manifest."""

    name: str
    version: int
    run_id: str
    digest: str = Field(pattern="^[0-9a-f]{64}$")


def fetch_or_cached(which: str, uri: str | None, folder: Path) -> tuple[Registered, str | None]:
    """The model that `NAME@ALIAS` or `NAME/VERSION` names, and, where it is a copy, why the registry was not asked.

    Raises:
        UsageError: `which` has another form.
        ModelError: there is no such model, or its files are not those that were registered.
        StagecastError: the registry is away and there is no copy of that very version.
    """
    try:
        return fetch(which, uri), None
    except StagecastError as error:
        if type(error) is not StagecastError:  # the registry answered
            raise
        found = _copy(which, folder)
        if found is None:
            raise
        return found, f"{error.problem}: {error.got}"


def keep_copy(registered: Registered, folder: Path) -> None:
    """Keep a copy of a model that scored, and let go of those that did so longest ago."""
    place = folder / registered.digest
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        if write_bundle(registered.model, place) != registered.digest:
            shutil.rmtree(place)  # this version writes the same model in other bytes: no copy
            return
        note = Note(
            name=registered.name, version=registered.version, run_id=registered.run_id, digest=registered.digest
        )
        write_whole(folder / f"{registered.digest}.json", note.model_dump_json().encode())
        for old in sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
            old.unlink()
            shutil.rmtree(old.with_suffix(""), ignore_errors=True)
    except OSError:
        shutil.rmtree(place, ignore_errors=True)  # a copy is a convenience


def _copy(which: str, folder: Path) -> Registered | None:
    for path in sorted(folder.glob("*.json")):
        with suppress(OSError, ValidationError, ModelError):
            note = Note.model_validate_json(path.read_bytes())
            if which == f"{note.name}/{note.version}":
                model = read_bundle(folder / note.digest, note.digest)
                return Registered(model, note.name, note.version, note.run_id, note.digest)
    return None
