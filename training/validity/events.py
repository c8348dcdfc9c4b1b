"""Referrals and cost to serve: an optional table of events, checked before it is believed."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from features.clock import to_date
from features.errors import DataError, UsageError
from features.fixed import Floats, Ints
from features.history import Codes, History
from features.orders.times import parse_times

COLUMNS = ("customer_id", "at", "kind", "value")
KINDS = ("referral", "cost_to_serve")


@dataclass(frozen=True)
class Events:
    """Checked events of customers, in any order; all arrays of shape (n,).

    Attributes:
        customer_id: as in the orders.
        day: day number.
        kind: `referral` or `cost_to_serve`.
        value: new customers brought in (1 where it was not given), or money.
    """

    customer_id: npt.NDArray[np.object_]
    day: Ints
    kind: npt.NDArray[np.object_]
    value: Floats

    def total(self, history: History, kind: str, customer: Codes, window: tuple[Ints, Ints]) -> Floats:
        """Sum of the values of one kind in `[begin, until)` days of each customer, shape of `customer`.

        Customers without an order are left out.
        """
        codes = pd.Index(history.customers).get_indexer(pd.Index(self.customer_id))
        kept = (codes >= 0) & (self.kind == kind)
        keys = (codes[kept] << 18) + self.day[kept]
        order = np.argsort(keys, kind="stable")
        totals = np.concatenate([[0.0], np.cumsum(self.value[kept][order])])
        begin, until = (np.searchsorted(keys[order], (customer << 18) + day) for day in window)
        return np.asarray(totals[until] - totals[begin])

    def strangers(self, history: History) -> int:
        """Events of customers who never ordered."""
        return int((pd.Index(history.customers).get_indexer(pd.Index(self.customer_id)) < 0).sum())

    def has(self, kind: str) -> bool:
        """Whether there is any event of a kind."""
        return bool((self.kind == kind).any())


def read_events(source: str | os.PathLike[str] | pd.DataFrame, timezone: str = "UTC") -> Events:
    """Read and check events.

    Args:
        source: a Parquet or CSV file, or a table, with `customer_id`, `at`
            (time), `kind` and, for `cost_to_serve`, `value`. A referral without
            a value counts as one.
        timezone: times that carry an offset are turned into its local time.

    Raises:
        UsageError: there is no such file, or its ending is not known.
        DataError: a column is missing, or a row holds what cannot be right.
    """
    table = source if isinstance(source, pd.DataFrame) else _read(Path(source))
    missing = [name for name in COLUMNS[:3] if name not in table.columns]
    if missing:
        raise DataError(
            f"the events lack the column {missing[0]!r}",
            got=f"columns {', '.join(map(str, table.columns)) or '(none)'}",
            allowed=", ".join(COLUMNS),
            remedy="rename the column in the export",
        )
    kind = table["kind"].astype("object").to_numpy()
    _refuse("kind", ~np.isin(kind.astype(str), KINDS), table, f"{KINDS[0]} or {KINDS[1]}")
    _refuse("customer_id", table["customer_id"].isna().to_numpy(), table, "the id of a customer, as in the orders")
    return Events(table["customer_id"].astype(str).to_numpy(dtype=object), _days(table, timezone), kind, _values(table))


def _days(table: pd.DataFrame, timezone: str) -> Ints:
    column = pa.chunked_array([pa.Array.from_pandas(table["at"])])
    read = parse_times(column, None, ZoneInfo(timezone))
    times, faults = read.local, read.faults
    _refuse("at", np.any([np.isnat(times), *faults.values()], axis=0), table, "a time, such as 2024-05-31 09:30")
    days: Ints = times.astype("datetime64[D]").astype(np.int64)
    return days


def _values(table: pd.DataFrame) -> Floats:
    given = table["value"] if "value" in table.columns else pd.Series(np.nan, index=table.index)
    value = pd.to_numeric(given, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    referral = table["kind"].to_numpy() == KINDS[0]
    empty = given.isna().to_numpy()
    value = np.where(referral & empty, 1.0, value)
    _refuse("value", ~(np.isfinite(value) & (value >= 0)), table, "a number, not negative; only a referral may lack it")
    return value


def _refuse(column: str, bad: np.ndarray, table: pd.DataFrame, allowed: str) -> None:
    if not bad.any():
        return
    row = int(np.flatnonzero(bad)[0])
    got = table[column].iloc[row] if column in table.columns else "no such column"
    raise DataError(
        f"{int(bad.sum())} of {len(bad)} events have a '{column}' that cannot be right",
        got=f"{got!r} in row {row}",
        allowed=allowed,
        remedy="mend or leave out these rows",
    )


def _read(path: Path) -> pd.DataFrame:
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {
        ".parquet": pd.read_parquet,
        ".csv": lambda file: pd.read_csv(file, dtype=str),
    }
    reader = readers.get(path.suffix.lower())
    if reader is None or not path.is_file():
        raise UsageError(
            "the events cannot be read from here", got=path, allowed="a .parquet or .csv file", remedy="check --events"
        )
    try:
        return reader(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        said = " ".join(str(error).split())[:300]
        raise DataError(f"the file cannot be read: {path}", got=said, remedy="export the events again") from error


def told(events: Events, history: History, end: int) -> str:
    """What was found, and what of it is not used, in one line."""
    late, strangers = int((events.day >= end).sum()), events.strangers(history)
    return (
        f"{len(events.day):,} events; not used: {strangers:,} of customers without an order, "
        f"{late:,} on or after {to_date(end)}."
    )
