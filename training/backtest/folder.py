"""Write the result of a backtest into a folder: report, tables, pictures; every file whole or not at all."""

import io
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from features.errors import StagecastError
from features.files import write_whole
from training.backtest.pictures import figures
from training.backtest.report import Backtest

REPORT = "report.md"


def save(backtest: Backtest, folder: Path) -> Path:
    """Write `report.md`, `tables/NAME.csv` and `plots/NAME.png`; the folder is made where it is missing.

    Returns:
        The report's path.

    Raises:
        StagecastError: it cannot be written there.
    """
    try:
        for name in ("tables", "plots"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name, content in _files(backtest):
            write_whole(folder / name, content())
    except OSError as error:
        raise StagecastError(
            "the report cannot be written",
            got=f"{folder}: {error.strerror or error}",
            remedy="free some space, let this user write there, or give another --out",
        ) from error
    return folder / REPORT


def _files(backtest: Backtest) -> Iterator[tuple[str, Callable[[], bytes]]]:
    yield REPORT, lambda: backtest.to_markdown().encode()
    for name, table in backtest.tables().items():
        yield f"tables/{name}.csv", partial(_csv, table)
    for name, figure in figures(backtest):
        yield f"plots/{name}", partial(_png, figure)


def _csv(table: pd.DataFrame) -> bytes:
    return table.to_csv(index=False).encode()


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=110, format="png")
    return buffer.getvalue()
