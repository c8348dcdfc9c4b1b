"""Which stage spec is meant: one in a file, that of a registered model, the champion's, or a new one."""

from pathlib import Path
from typing import TYPE_CHECKING

from features.errors import ModelError, UsageError
from features.model.address import MODEL
from features.stages.spec import StageSpec
from stagecast.config import Config

if TYPE_CHECKING:
    from training.chosen import Wish

CHAMPION, REFIT = "champion", "refit"
"""What `stagecast.train` understands besides a spec: keep the champion's, or fit anew."""


def read_spec(which: str | Path, uri: str | None = None) -> StageSpec:
    """The stage spec in a file or, where there is no such file, of the model that NAME@ALIAS or NAME/VERSION names.

    Raises:
        UsageError: there is no such file, or it holds no spec.
        ModelError: there is no such model, or its files are damaged.
    """
    path = Path(which)
    if path.exists() or not MODEL.fullmatch(str(which)):
        return _in_file(path)
    from serving.registry import fetch

    return fetch(str(which), uri).model.spec


def wish(asked: StageSpec | str | Path, config: Config) -> "Wish":
    """What training is told: `champion` keeps its spec (without one a spec is fitted), `refit` fits, a spec is kept.

    Raises:
        UsageError: as `read_spec`.
        ModelError: the spec of the champion or of the named model cannot be had.
    """
    from training.chosen import Wish
    from training.promote import champion

    name, uri = config.training.model_name, config.tracking_uri
    now = champion(name, uri)
    hashed = now.spec_hash if now else None
    if isinstance(asked, StageSpec):
        return Wish(asked, "the caller", hashed)
    if asked == CHAMPION:
        return Wish(_kept(f"{name}/{now.version}", uri), f"champion/{now.version}", hashed) if now else Wish()
    return Wish(None, REFIT, hashed) if asked == REFIT else Wish(read_spec(asked, uri), _shown(asked), hashed)


def _kept(champion: str, uri: str | None) -> StageSpec:
    try:
        return read_spec(champion, uri)
    except ModelError as error:
        raise ModelError(
            "the champion's stage spec cannot be kept",
            got=error.problem,
            remedy="train with a new one (--refit-spec), or with one you kept (--spec FILE)",
        ) from error


def _shown(which: str | Path) -> str:
    """A model by its address, a file by its name alone: the way there is nobody's business."""
    return Path(which).name if Path(which).exists() else str(which)


def _in_file(path: Path) -> StageSpec:
    try:
        return StageSpec.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "the stage spec cannot be read",
            got=str(error),
            allowed="a FILE, or a model's: NAME@ALIAS or NAME/VERSION",
            remedy="check --spec",
        ) from None
