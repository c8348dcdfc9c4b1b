"""A report as a folder of text, tables and pictures; every file whole or not at all."""

import io
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from features.errors import StagecastError
from features.files import write_whole

Content = str | pd.DataFrame | Figure


def write_report(folder: Path, files: Iterable[tuple[str, Content]], dpi: int) -> list[Path]:
    """Write files one after another; folders are made where they are missing.

    Args:
        folder: where.
        files: path within the folder and content of each: text, a table (CSV) or a picture (PNG).
        dpi: dots an inch of the pictures.

    Returns:
        The path of each file.

    Raises:
        StagecastError: it cannot be written there.
    """
    try:
        return [_written(folder / name, content, dpi) for name, content in files]
    except OSError as error:
        raise StagecastError(
            "the report cannot be written",
            got=f"{folder}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        ) from error


def _written(path: Path, content: Content, dpi: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(path, _bytes(content, dpi))


def _bytes(content: Content, dpi: int) -> bytes:
    if isinstance(content, str):
        return content.encode()
    if isinstance(content, pd.DataFrame):
        return content.to_csv(index=False).encode()
    buffer = io.BytesIO()
    content.savefig(buffer, dpi=dpi, format="png")
    return buffer.getvalue()
