"""`stagecast report`."""

from pathlib import Path

from features.errors import DataError, StagecastError, UsageError
from features.files import write_whole
from serving.report import report as make
from serving.store import Store, open_store
from stagecast.config import Config


def report(address: str, as_of: str | None, config: Config, out: Path) -> None:
    """Make the page of a published week, and tell where it is."""
    if out.is_dir():
        raise UsageError("a report is one file", got=f"{out}, a folder", remedy="name a file, as in report.html")
    store = open_store(address)
    week = as_of or _newest(store, address)
    page = make(store, week, config.serving.report, config.serving.privacy.naming())
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, page.encode())
    except OSError as error:
        raise StagecastError(
            "the report cannot be written",
            got=f"{out}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        ) from error
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
