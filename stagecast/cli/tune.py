"""The command that looks for better parameters."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import AsOf, ConfigFile, Engine, Orders, Period, Scheduler, TrackingUri, WeekStarts
from stagecast.cli.root import app


@app.command(
    epilog="Example: stagecast tune orders.parquet --as-of 2011-06-06 --out tuning --time-budget 30m --workers 2"
)
def tune(
    orders: Orders,
    as_of: AsOf,
    out: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER", help="Folder of the study; one that was broken off goes on.", show_default=False
        ),
    ],
    trials: Annotated[
        int | None,
        typer.Option(metavar="N", help="Sets of parameters to try in all (default: 50).", show_default=False),
    ] = None,
    time_budget: Annotated[
        str | None,
        typer.Option("--time-budget", metavar="30m", help="End after that: 90s, 30m, 1.5h.", show_default=False),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Processes that try side by side (default: 1).", show_default=False),
    ] = None,
    period: Period = None,
    engine: Engine = None,
    scheduler: Scheduler = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Look for better parameters of the models, out of time."""
    from stagecast.commands import configure
    from stagecast.commands import tune as command
    from stagecast.commands.common import on_engine

    settings = on_engine(configure(config, tracking_uri, week_starts, period), engine, scheduler)
    command.tune(orders, as_of, out, command.with_tuning(settings, trials, workers), time_budget)
