"""`stagecast backtest`."""

from pathlib import Path

from stagecast import rolling
from stagecast.commands.common import keep_quarantine, show
from stagecast.config import Config
from stagecast.progress import steps


def backtest(orders: str, cutoffs: int, as_of: str | None, config: Config, out: Path) -> None:
    """Judge the recipe at many cut-offs, and say beside whom it stands how."""
    with steps("backtest"):
        made = rolling.backtest(orders, cutoffs, as_of, config, out)
    keep_quarantine(made.clean, config)
    show(made.result.lines())
    print(f"Run {made.run_id} in {made.uri}")
    print(f"The report, its tables and pictures are in {made.folder}")
