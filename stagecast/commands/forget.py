"""`stagecast forget`."""

from collections.abc import Sequence
from pathlib import Path

from features.errors import StagecastError
from stagecast import erasing
from stagecast.config import Config
from stagecast.erasing import Forgot
from stagecast.progress import steps


def forget(customer: str, store: str, more: Sequence[Path], config: Config) -> None:
    """Forget a customer, and say what was removed, where it was searched and what is left.

    Raises:
        StagecastError: something still names the customer.
    """
    with steps("forget"):
        done = erasing.forget(customer, store, more, config)
    erased = done.erased
    print("\n".join(_told(done)))
    if erased.left:
        raise StagecastError(
            "something still names the customer",
            got="; ".join(erased.left),
            remedy="remove that by hand, and run it again",
        )
    print("Nothing that was searched names the customer any more.")


def _told(done: Forgot) -> list[str]:
    erased, table = done.erased, done.erased.store
    rows = sum(table.rows.values())
    return [
        f"Removed from the score table: {rows:,} rows in {len(table.rows):,} weeks, {table.versions:,} replaced"
        f" versions, entries in {len(table.documents):,} documents, {len(erased.unfinished):,} unfinished weeks.",
        *(f"Taken out of {path}" for path in erased.changed),
        f"Searched again: {erased.weeks:,} weeks row by row, {erased.files:,} files of {erased.size:,} bytes, Parquet"
        " files with their dictionaries and statistics.",
        *(f"Not searched, for it is not on this machine: {place}" for place in done.unseen),
        "Not touched: the orders, MLflow's database, copies and backups. While the orders have the customer, the next"
        " week has, too.",
    ]
