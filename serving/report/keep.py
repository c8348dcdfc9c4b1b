"""Put a page in its place."""

from pathlib import Path

from features.errors import StagecastError, UsageError
from features.files import write_whole


def keep(page: str, path: Path) -> Path:
    """Write a page whole or not at all.

    Raises:
        UsageError: there is a folder.
        StagecastError: it cannot be written; what stood there still does.
    """
    if path.is_dir():
        raise UsageError("a report is one file", got=f"{path}, a folder", remedy="name a file, as in report.html")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return write_whole(path, page.encode())
    except OSError as error:
        raise StagecastError(
            "the report cannot be written",
            got=f"{path}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        ) from error
