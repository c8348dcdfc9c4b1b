"""The command that judges the recipe at many cut-offs."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import AsOfIfAny, ConfigFile, Orders, Period, TrackingUri, WeekStarts
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast backtest orders.parquet --cutoffs 12 --as-of 2011-06-06")
def backtest(
    orders: Orders,
    cutoffs: Annotated[int, typer.Option("--cutoffs", metavar="N", min=1, help="How many, a period apart.")] = 12,
    as_of: AsOfIfAny = None,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Where forecasts are kept and reports are put.")
    ] = Path("backtest"),
    period: Period = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Judge the recipe at many past cut-offs, each on what came after it, beside all baselines.

    At each of the last cut-offs whose period has passed a model is fitted as it would have been then. Forecasts are
    kept: started again, a backtest that was stopped goes on; started twice, the two share the work.
    """
    from stagecast.commands import backtest as command
    from stagecast.commands import configure

    command.backtest(orders, cutoffs, as_of, configure(config, tracking_uri, week_starts, period), out)
