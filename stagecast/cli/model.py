"""Commands that make and use a model."""

from typing import Annotated

import typer

from stagecast.cli.options import AsOf, ConfigFile, Engine, Orders, Period, Scheduler, TrackingUri, WeekStarts
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast train orders.parquet --as-of 2011-06-06 --period 28d --promote")
def train(
    orders: Orders,
    as_of: AsOf,
    period: Period = None,
    promote: Annotated[bool, typer.Option("--promote", help="Make it champion if the gate says yes.")] = False,
    spec: Annotated[
        str | None,
        typer.Option(
            "--spec",
            metavar="FILE",
            help="Stage spec to use, or NAME@ALIAS or NAME/VERSION of a model (default: the champion's).",
            show_default=False,
        ),
    ] = None,
    refit_spec: Annotated[
        bool, typer.Option("--refit-spec", help="Fit the stage spec anew; scores of another spec cannot be compared.")
    ] = False,
    engine: Engine = None,
    scheduler: Scheduler = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Train a model, judge it out of time, log it to MLflow and register it."""
    from stagecast.commands import configure
    from stagecast.commands import models as command
    from stagecast.commands.common import on_engine

    settings = on_engine(configure(config, tracking_uri, week_starts, period), engine, scheduler)
    command.train(orders, as_of, settings, command.wanted_spec(spec, refit_spec), promote)


@app.command(epilog="Example: stagecast promote stagecast/3")
def promote(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]", help="NAME@ALIAS or NAME/VERSION; the challenger by default.", show_default=False
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Promote although a gate says no; say why with --reason.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why by force; kept with your name.", show_default=False)
    ] = None,
    new_spec: Annotated[
        bool, typer.Option("--new-spec", help="Promote although its stage spec is another than the champion's.")
    ] = False,
    orders: Annotated[
        str | None,
        typer.Option(
            metavar="ORDERS",
            help="The orders it was trained on, to compare it anew with a champion that came after it.",
            show_default=False,
        ),
    ] = None,
    config: ConfigFile = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Make a registered version the champion that scores, if it beats champion and baselines."""
    from stagecast.commands import configure
    from stagecast.commands import models as command

    command.promote(model, configure(config, tracking_uri), command.why(force, reason), new_spec, orders)


@app.command(epilog="Example: stagecast rollback --reason wrong-prices")
def rollback(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="Registered model (default: the configuration's).", show_default=False),
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Why; kept with your name.", show_default=False)
    ] = None,
    config: ConfigFile = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Make the champion before the champion again."""
    from stagecast.commands import configure
    from stagecast.commands import models as command

    command.rollback(name, configure(config, tracking_uri), reason)
