"""`stagecast report`."""

from pathlib import Path

from serving.report import keep
from serving.report import report as make
from serving.store import open_store
from stagecast.commands.common import newest_week
from stagecast.config import Config


def report(address: str, as_of: str | None, config: Config, out: Path) -> None:
    """Make the page of a published week, and tell where it is."""
    store = open_store(address)
    week = as_of or newest_week(store, address)
    page = make(store, week, config.serving.report, config.serving.privacy.naming())
    keep(page, out)
    print(f"The report of {week} is in {out}")
