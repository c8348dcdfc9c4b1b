"""The command that puts the stages to the test."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import AsOf, ConfigFile, Orders, Period, Spec, TrackingUri, WeekStarts
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast validity orders.parquet --as-of 2011-06-06 --out validity")
def validity(
    orders: Orders,
    as_of: AsOf,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where report, tables and pictures are put.")],
    spec: Spec = None,
    events: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Referrals and cost to serve: customer_id, at, kind, value.", show_default=False
        ),
    ] = None,
    period: Period = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Test whether the stages are what the domain says they are."""
    from stagecast.commands import configure
    from stagecast.commands import validity as command

    settings = configure(config, tracking_uri, week_starts, period)
    command.validity(orders, as_of, settings, out, (spec, events))
