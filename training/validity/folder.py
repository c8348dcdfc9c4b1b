"""Write a validity report into a folder: every file whole or not at all."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from features.errors import StagecastError, UsageError
from features.files import write_whole
from training.validity.pictures import claims_figure, tradeoff_figure
from training.validity.report import Validity

TABLES = ("claims", "by_stage", "stays", "pace", "survival", "moves", "tradeoff")


def require_folder(folder: Path) -> None:
    """Check that a path may become a folder, before minutes of work end there.

    Raises:
        UsageError: `folder` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError("the report is a folder of files", got=f"{folder}, a file", remedy="name a folder with --out")


def save(validity: Validity, folder: Path) -> list[Path]:
    """Write `report.md`, one CSV a table and the pictures; the folder is made where it is missing.

    Raises:
        UsageError: `folder` is a file.
        StagecastError: it cannot be written there.
    """
    require_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [write_whole(folder / name, make()) for name, make in _files(validity)]
    except OSError as error:
        raise StagecastError(
            "the report cannot be written",
            got=f"{folder}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        ) from error


def _files(validity: Validity) -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield "report.md", lambda: validity.to_markdown().encode()
    for name in TABLES:
        yield f"{name}.csv", partial(_csv, getattr(validity, name))
    yield "claims.png", lambda: _png(claims_figure(validity.claims))
    yield "tradeoff.png", lambda: _png(tradeoff_figure(validity.tradeoff))


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=130, format="png")
    return buffer.getvalue()
