"""The command of every week."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import AsOfIfAny, ConfigFile, Engine, Orders, Scheduler, TrackingUri, WeekStarts
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast score orders.parquet --as-of 2011-06-06 --out scores")
def score(
    orders: Orders,
    out: Annotated[
        str,
        typer.Option(
            metavar="STORE", help="The score table: a folder, the URL of one, or postgresql://...", show_default=False
        ),
    ],
    as_of: AsOfIfAny = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME@ALIAS", help="Or NAME/VERSION (default: the champion).", show_default=False),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="Tell machines how the run ended, good or bad.", show_default=False),
    ] = None,
    engine: Engine = None,
    scheduler: Scheduler = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Score every known customer with the champion and publish the week, whole or not at all.

    Without --as-of the last cut-off is scored. Killed, the job goes on where it stopped when it is run again; run
    twice, it changes nothing.
    """
    from stagecast.commands import configure
    from stagecast.commands import scoring as command
    from stagecast.commands.common import on_engine

    settings = on_engine(configure(config, tracking_uri, week_starts), engine, scheduler)
    command.score(orders, as_of, settings, command.Target(out, model, summary))
