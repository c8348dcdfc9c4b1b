"""What several commands need."""

from pathlib import Path
from typing import TypeVar

import pandas as pd

from features.errors import DataError, UsageError
from features.orders import CleanOrders, InputReport, save_quarantine
from features.orders.digest import digest
from features.orders.sql import shown
from serving.store import Store
from stagecast import describe
from stagecast.config import Config
from stagecast.reading import Read

Given = TypeVar("Given")


def configure(
    path: Path | None, tracking_uri: str | None = None, week_starts: str | None = None, period: str | None = None
) -> Config:
    """The configuration file with the options of the command line laid over it."""
    config = Config.load(path).overridden(tracking_uri=tracking_uri)
    return config.overridden("clock", week_starts=week_starts).overridden("training", period=period)


def on_engine(config: Config, name: str | None, scheduler: str | None) -> Config:
    """The configuration with the engine of the command line laid over it; a scheduler is one of Dask.

    Raises:
        UsageError: there is no such engine, or the address is none of a scheduler.
    """
    if name == "local" and scheduler is not None:
        raise UsageError("the local engine has no scheduler", got=scheduler, remedy="leave out one of the two")
    return config.overridden("engine", name=name or ("dask" if scheduler else None), scheduler=scheduler)


def needed(value: Given | None, name: str) -> Given:
    """The value of an argument or option that this form of the command needs.

    Raises:
        UsageError: it was not given.
    """
    if value is None:
        raise UsageError(f"{name} is missing", remedy="give it, as in the example at the end of --help")
    return value


def read(orders: str, config: Config, until: int) -> CleanOrders:
    """The clean orders before a cut-off (a day number); what was set aside is kept and told."""
    clean = describe.check(orders, config, until)
    keep_quarantine(clean, config)
    return clean


def keep_quarantine(clean: CleanOrders, config: Config) -> None:
    """Keep the rows that were set aside, if any, in a file named after the orders, and tell where."""
    if len(clean.quarantine):
        keep_rows(clean.quarantine, clean.report, config, digest(clean.orders))


def keep_aside(read: Read, config: Config) -> None:
    """The same of orders that were read batch by batch: the file is named after the rows."""
    if len(read.quarantine):
        keep_rows(read.quarantine, read.report, config, digest(read.quarantine))


def keep_rows(aside: pd.DataFrame, report: InputReport, config: Config, name: str) -> None:
    """Keep rows that were set aside, in a file of this name, and tell where."""
    kept = save_quarantine(aside, config.orders.quarantine, name)
    print(f"{report.rows_set_aside:,} of {report.rows_read:,} rows were set aside, with reasons: {kept}")


def newest_week(store: Store, address: str) -> str:
    """The newest week that is published.

    Raises:
        DataError: none is; the address is told without its password.
    """
    weeks = store.weeks()
    if not weeks:
        raise DataError(
            "no week is published there",
            got=shown(address),
            remedy="check the address, or publish one: stagecast score ORDERS --as-of DATE --out STORE",
        )
    return weeks[-1]


def show(lines: list[str]) -> None:
    """Print lines."""
    for line in lines:
        print(line)


def listed(text: str) -> list[str]:
    """The parts of a list with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]
