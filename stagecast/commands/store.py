"""`stagecast export` and `stagecast tidy`."""

from pathlib import Path

from features.orders.sql import shown
from serving import export as writer
from serving.store import Retention, open_store
from stagecast.commands.common import listed, newest_week


def export(which: tuple[str, str | None, int | None], out: Path, columns: str | None) -> None:
    """Write a week to a file, and tell where it is."""
    address, as_of, version = which
    store = open_store(address)
    week = as_of or newest_week(store, address)
    rows = writer.export(store, week, out, listed(columns) if columns else None, version)
    print(f"Scores of {rows:,} customers at {week} are in {out}")


def tidy(address: str, keep_weeks: int | None, keep_days: int) -> None:
    """Let go of what need not be kept, and tell what went."""
    tidied = open_store(address).tidy(Retention(keep_weeks=keep_weeks, keep_days=keep_days))
    if tidied.weeks:
        print(f"Weeks that went: {', '.join(tidied.weeks)}")
    print(f"{shown(address)} is tidy: {len(tidied.weeks)} weeks and {tidied.versions} versions went.")
