"""A query over frames: by DuckDB where it is installed, else by SQLite."""

import re
import sqlite3
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec

import pandas as pd

from features.errors import UsageError
from features.laws.frames import Frames


def run_sql(query: str, frames: Frames, cutoff: pd.Timestamp) -> pd.DataFrame:
    """What a query gives over tables named as the frames; `$cutoff` stands for the cut-off.

    In SQLite times are text, as in 2011-01-03 09:30:00, which sorts as the times do.

    Raises:
        UsageError: the query cannot be run, or never asks for `$cutoff`.
    """
    if not re.search(r"\$cutoff\b", query):
        raise UsageError(
            "the query does not say up to when it looks",
            got=" ".join(query.split())[:80],
            allowed="a query that has $cutoff in it",
            remedy="write WHERE ordered_at < $cutoff",
        )
    try:
        return _duckdb(query, frames, cutoff) if find_spec("duckdb") else _sqlite(query, frames, cutoff)
    except Exception as error:  # either engine's own
        raise UsageError(
            "the query cannot be run", got=str(error).strip(), allowed=f"tables {', '.join(frames)}", remedy="mend it"
        ) from error


def _duckdb(query: str, frames: Frames, cutoff: pd.Timestamp) -> pd.DataFrame:
    duckdb = import_module("duckdb")
    with duckdb.connect(config={"threads": 1}) as database:
        for name, frame in frames.items():
            database.register(name, frame)
        made: pd.DataFrame = database.execute(query, {"cutoff": cutoff.to_pydatetime()}).df()
        return made


def _sqlite(query: str, frames: Frames, cutoff: pd.Timestamp) -> pd.DataFrame:
    with closing(sqlite3.connect(":memory:")) as database:
        for name, frame in frames.items():
            times = frame.select_dtypes("datetime")
            written = frame.assign(**{str(time): times[time].dt.strftime("%Y-%m-%d %H:%M:%S") for time in times})
            written.to_sql(name, database, index=False)
        return pd.read_sql_query(query, database, params={"cutoff": f"{cutoff:%Y-%m-%d %H:%M:%S}"})
