"""Write a table to one Parquet file, whole or not at all."""

import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.errors import UsageError


def write_parquet(table: pd.DataFrame, path: Path, facts: dict[str, str]) -> None:
    """Write a table beside its place and move it there in one step.

    Args:
        table: what to write; the index is left out.
        path: a file, new or old.
        facts: kept in the file's schema, under `stagecast.` names.

    Raises:
        UsageError: `path` is a folder.
    """
    if path.is_dir():
        raise UsageError(
            "the output is one Parquet file", got=f"{path}, a folder", remedy="name a file, as in x.parquet"
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    named = {f"stagecast.{name}": value for name, value in facts.items()}
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        pq.write_table(arrow.replace_schema_metadata({**(arrow.schema.metadata or {}), **named}), beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
