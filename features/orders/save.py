"""The quarantine in a file of its own."""

import os
import re
from pathlib import Path

from features.errors import UsageError
from features.files import write_parquet
from features.orders.clean import CleanOrders


def save_quarantine(clean: CleanOrders, folder: str | os.PathLike[str], name: str) -> Path | None:
    """Write the quarantine to `folder/name.parquet`, whole or not at all.

    With nothing set aside, no file is written, an older one of that name goes, and
    the result is None: what lies there always belongs to the last orders checked.

    Raises `UsageError` if `name` is not a plain file name, and `StagecastError` if
    the file cannot be written; what stood there still does.
    """
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise UsageError("not a file name", got=repr(name), allowed="letters, digits, '_', '-' and '.'")
    target = Path(folder) / f"{name}.parquet"
    if not clean.quarantine.empty:
        write_parquet(clean.quarantine, target, {})
        return target
    if target.exists():
        target.unlink()
    return None
