"""The quarantine in a file of its own."""

import os
import re
from pathlib import Path

import pandas as pd

from features.errors import UsageError
from features.files import write_parquet


def save_quarantine(quarantine: pd.DataFrame, folder: str | os.PathLike[str], name: str) -> Path | None:
    """Write rows that were set aside to `folder/name.parquet`, whole or not at all.

    With nothing set aside, no file is written, an older one of that name goes, and
    the result is None: what lies there always belongs to the last orders checked.

    Raises `UsageError` if `name` is not a plain file name, and `StagecastError` if
    the file cannot be written; what stood there still does.
    """
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise UsageError("not a file name", got=repr(name), allowed="letters, digits, '_', '-' and '.'")
    target = Path(folder) / f"{name}.parquet"
    if not quarantine.empty:
        write_parquet(quarantine, target, {})
        return target
    if target.exists():
        target.unlink()
    return None
