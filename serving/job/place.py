"""What lies beside the scores: unfinished work, and reports."""

import hashlib
from pathlib import Path

HERE = "stagecast-work"


def work_of(store: str, folder: str | None = None) -> Path:
    """The folder of a store's unfinished work.

    By default `_work` in a store that is a folder, which readers of Delta
    tables do not look into; else, or where a folder is given, one of its own
    for each store in that folder.

    Args:
        store: its address.
        folder: as in the settings.
    """
    if folder is None and "://" not in store:
        return Path(store) / "_work"
    return Path(folder or HERE) / hashlib.sha256(store.encode()).hexdigest()[:16]


def report_of(store: str, as_of: str) -> Path | None:
    """The file of a week's report beside the scores: `_reports/DATE.html`, where the store is a folder."""
    return None if "://" in store else Path(store) / "_reports" / f"{as_of}.html"
