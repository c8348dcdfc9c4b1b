"""The verb `backtest`: how good is the recipe, at many cut-offs, each judged on what came after it?"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from features.clock import to_day
from features.history import History
from features.orders import CleanOrders
from features.orders.digest import digest
from stagecast.beside import beside
from stagecast.config import Config
from stagecast.cutoffs import require_orders
from stagecast.describe import Orders, check
from stagecast.progress import tell
from stagecast.shown import shown_name, shown_settings

if TYPE_CHECKING:
    from training.backtest.report import Backtest

CUTOFFS = 12
FOLDER = Path("backtest")


@dataclass(frozen=True)
class Backtested:
    """What `backtest` made: the result, its folder, its MLflow run and the store's address, the orders behind it."""

    result: "Backtest"
    folder: Path
    run_id: str
    uri: str
    clean: CleanOrders


def backtest(
    orders: Orders,
    cutoffs: int = CUTOFFS,
    as_of: str | None = None,
    config: Config | None = None,
    out: str | os.PathLike[str] = FOLDER,
) -> Backtested:
    """Judge the recipe at the last cut-offs whose period has passed, a period apart, and log the result to MLflow.

    At each a model is fitted as it would have been then, all under one stage
    spec, fitted on the orders before the first calibration. Forecasts are kept
    under `out`, so a backtest that was stopped goes on where it stopped, and
    one with other orders or settings never takes them for its own.

    Args:
        orders: a source of orders, or clean ones.
        cutoffs: how many; of a log that is shorter, as many as there are.
        as_of: a tick, YYYY-MM-DD; orders at or after it are not looked at. Without it all are.
        config: settings.
        out: folder of forecasts and reports.

    Raises:
        UsageError: `as_of` is no tick of the clock, or no cut-off is wanted.
        DataError: too few orders, customers, outcomes or weeks.
        StagecastError: `out` or the store cannot be written.
    """
    from training.backtest.folder import save
    from training.backtest.judged import backtest as judge_plan
    from training.backtest.plan import plan
    from training.backtest.tracking import publish
    from training.lineage import Source
    from training.validity.folder import require_folder

    config = config or Config()
    end = config.the_clock.tick(as_of) if as_of else None
    require_folder(Path(out))
    tell("read the orders")
    clean = check(orders, config, end)
    end = config.the_clock.after(to_day(clean.report.last.date())) if end is None else end
    require_orders(clean, end)
    used = clean.log.before(end)
    history = History.of(used).joined(beside(orders, config).tables)
    planned = plan(history, end, cutoffs, config.recipe)
    found = judge_plan(planned, Path(out), tell)
    tell("log the run")
    folder = planned.shelf(Path(out)).folder / "report"
    save(found, folder)
    origin = Source(shown_name(orders), digest(used), len(used), len(history.customers))
    run_id, uri = publish(found, folder, origin, config.tracking_uri, shown_settings(config))
    return Backtested(found, folder, run_id, uri, clean)
