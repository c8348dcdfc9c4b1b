"""What several commands need."""

from pathlib import Path

from features.errors import UsageError
from features.orders import CleanOrders, save_quarantine
from features.orders.digest import digest
from features.stages.spec import StageSpec
from stagecast import describe
from stagecast.config import Config


def configure(
    path: Path | None, tracking_uri: str | None = None, week_starts: str | None = None, period: str | None = None
) -> Config:
    """The configuration file with the options of the command line laid over it."""
    config = Config.load(path).overridden(tracking_uri=tracking_uri)
    return config.overridden("clock", week_starts=week_starts).overridden("training", period=period)


def read_spec(path: Path) -> StageSpec:
    """The stage spec in a file.

    Raises:
        UsageError: there is no such file, or it holds no spec.
    """
    try:
        return StageSpec.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("the stage spec cannot be read", got=str(error), remedy="check --spec") from None


def read(orders: str, config: Config) -> CleanOrders:
    """The clean orders; what was set aside is kept and told."""
    clean = describe.check(orders, config)
    keep_quarantine(clean, config)
    return clean


def keep_quarantine(clean: CleanOrders, config: Config) -> None:
    """Keep the rows that were set aside, if any, and tell where."""
    if not len(clean.quarantine):
        return
    kept = save_quarantine(clean, config.orders.quarantine, digest(clean.orders))
    aside, read = clean.report.rows_set_aside, clean.report.rows_read
    print(f"{aside:,} of {read:,} rows were set aside, with reasons: {kept}")


def show(lines: list[str]) -> None:
    """Print lines."""
    for line in lines:
        print(line)


def listed(text: str) -> list[str]:
    """The parts of a list with commas between."""
    return [part.strip() for part in text.split(",") if part.strip()]
