"""Write the result of a backtest into a folder: report, tables, pictures."""

from collections.abc import Iterator
from pathlib import Path

from training.backtest.pictures import figures
from training.backtest.report import Backtest
from training.report_folder import Content, write_report

REPORT = "report.md"


def save(backtest: Backtest, folder: Path) -> Path:
    """Write `report.md`, `tables/NAME.csv` and `plots/NAME.png`; the folder is made where it is missing.

    Returns:
        The report's path.

    Raises:
        StagecastError: it cannot be written there.
    """
    write_report(folder, _files(backtest), dpi=110)
    return folder / REPORT


def _files(backtest: Backtest) -> Iterator[tuple[str, Content]]:
    yield REPORT, backtest.to_markdown()
    for name, table in backtest.tables().items():
        yield f"tables/{name}.csv", table
    for name, figure in figures(backtest):
        yield f"plots/{name}", figure
