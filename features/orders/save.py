"""The quarantine in a file of its own, written whole or not at all."""

import os
import re
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import UsageError
from features.orders.clean import CleanOrders


def save_quarantine(clean: CleanOrders, folder: str | os.PathLike[str], name: str) -> Path | None:
    """Write the quarantine to `folder/name.parquet`.

    With nothing set aside, no file is written, an older one of that name goes, and
    the result is None: what lies there always belongs to the last orders checked.

    Raises `UsageError` if `name` is not a plain file name.
    """
    if not re.fullmatch(r"\w[\w.-]*", name):
        raise UsageError("not a file name", got=repr(name), allowed="letters, digits, '_', '-' and '.'")
    target = Path(folder) / f"{name}.parquet"
    if clean.quarantine.empty:
        target.unlink(missing_ok=True)
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    _replace(target, clean.quarantine)
    return target


def _replace(target: Path, rows: pd.DataFrame) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.stem}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
