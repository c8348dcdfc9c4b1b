"""`stagecast report`."""

from pathlib import Path

from features.errors import DataError
from serving.report import keep
from serving.report import report as make
from serving.store import Store, open_store
from stagecast.config import Config


def report(address: str, as_of: str | None, config: Config, out: Path) -> None:
    """Make the page of a published week, and tell where it is."""
    store = open_store(address)
    week = as_of or _newest(store, address)
    page = make(store, week, config.serving.report, config.serving.privacy.naming())
    keep(page, out)
    print(f"The report of {week} is in {out}")


def _newest(store: Store, address: str) -> str:
    weeks = store.weeks()
    if not weeks:
        raise DataError(
            "no week is published there",
            got=address,
            remedy="score one: stagecast score ORDERS --as-of DATE --out STORE",
        )
    return weeks[-1]
