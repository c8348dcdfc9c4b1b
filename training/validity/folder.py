"""Write a validity report into a folder."""

from collections.abc import Iterator
from pathlib import Path

from features.errors import UsageError
from training.report_folder import Content, write_report
from training.validity.pictures import claims_figure, tradeoff_figure
from training.validity.report import Validity

TABLES = ("claims", "by_stage", "stays", "pace", "survival", "moves", "tradeoff")


def require_folder(folder: Path) -> None:
    """Check that a path may become a folder, before minutes of work end there.

    Raises:
        UsageError: `folder` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError("the report is a folder of files", got=f"{folder}, a file", remedy="name a folder with --out")


def save(validity: Validity, folder: Path) -> list[Path]:
    """Write `report.md`, one CSV a table and the pictures; the folder is made where it is missing.

    Raises:
        UsageError: `folder` is a file.
        StagecastError: it cannot be written there.
    """
    require_folder(folder)
    return write_report(folder, _files(validity), dpi=130)


def _files(validity: Validity) -> Iterator[tuple[str, Content]]:
    yield "report.md", validity.to_markdown()
    for name in TABLES:
        yield f"{name}.csv", getattr(validity, name)
    yield "claims.png", claims_figure(validity.claims)
    yield "tradeoff.png", tradeoff_figure(validity.tradeoff)
