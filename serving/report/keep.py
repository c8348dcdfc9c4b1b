"""Where reports lie, and how they get there."""

import hashlib
from pathlib import Path

from features.errors import StagecastError, UsageError
from features.files import write_whole
from serving.store.receipt import a_date

HERE = "stagecast-reports"


def page_of(store: str, as_of: str) -> Path:
    """The file of a week's report: beside the scores where they are in a folder, else in one of its own here.

    Readers of Delta tables, and its vacuum, leave names with `_` alone.

    Args:
        store: its address.
        as_of: the week, YYYY-MM-DD.

    Raises:
        UsageError: `as_of` is no date.
    """
    folder = (
        Path(HERE) / hashlib.sha256(store.encode()).hexdigest()[:16] if "://" in store else Path(store) / "_reports"
    )
    return folder / f"{a_date(as_of)}.html"


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
