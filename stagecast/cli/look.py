"""Commands that look at orders and customers as they stand."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import (
    AsOfIfAny,
    ConfigFile,
    Engine,
    Orders,
    OrdersIfAny,
    OutFileIfAny,
    Period,
    Scheduler,
    Spec,
    TrackingUri,
    WeekStarts,
)
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast demo --folder stagecast-demo")
def demo(
    folder: Annotated[Path, typer.Option(help="Where everything is put.")] = Path("stagecast-demo"),
) -> None:
    """Run the main job on real orders and tell what was found."""
    from stagecast.demo import run

    run(folder)


@app.command(epilog="Example: stagecast check orders.parquet")
def check(
    orders: Orders, config: ConfigFile = None, week_starts: WeekStarts = None, tracking_uri: TrackingUri = None
) -> None:
    """Check orders: what is there, what is wrong, what was set aside."""
    from stagecast.commands import configure
    from stagecast.commands import orders as command

    command.check(orders, configure(config, tracking_uri, week_starts))


@app.command(epilog="Example: stagecast stages orders.parquet --as-of 2011-06-06 --out stages.parquet")
def stages(
    orders: OrdersIfAny = None,
    as_of: AsOfIfAny = None,
    out: OutFileIfAny = None,
    spec: Spec = None,
    save_spec: Annotated[
        Path | None, typer.Option("--save-spec", metavar="FILE", help="Keep the spec that was used.")
    ] = None,
    explain_spec: Annotated[
        bool, typer.Option("--explain-spec", help="Put the whole spec into words; --spec alone will do.")
    ] = False,
    customer: Annotated[
        str | None,
        typer.Option("--customer", metavar="ID", help="Tell one customer's history and why it moved; no --out needed."),
    ] = None,
    draw: Annotated[
        Path | None, typer.Option("--draw", metavar="FILE.png", help="Draw that customer's history (png, svg, pdf).")
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option("--pictures", metavar="FOLDER", help="Draw the shop: mix, flow, transitions, survival."),
    ] = None,
    period: Period = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Tell in which stage every customer stands."""
    from stagecast.commands import configure
    from stagecast.commands import stages as command
    from stagecast.commands.common import needed
    from stagecast.commands.journey import Views

    settings = configure(config, tracking_uri, week_starts, period)
    options = command.SpecOptions(spec, save_spec, explain_spec)
    views = Views(customer, draw, pictures)
    if explain_spec and out is None and not views:
        command.explain_spec(orders, as_of, settings, options)
        return
    wanted = (out if views or draw else needed(out, "--out"), views)
    command.stages(needed(orders, "ORDERS"), needed(as_of, "--as-of"), settings, wanted, options)


@app.command(epilog="Example: stagecast features orders.parquet --cutoffs 2011-05-09,2011-06-06 --out f.parquet")
def features(
    orders: OrdersIfAny = None,
    cutoffs: Annotated[str | None, typer.Option(metavar="DATE,...", help="Cut-offs, with commas between.")] = None,
    out: OutFileIfAny = None,
    select: Annotated[
        str | None, typer.Option(metavar="PATTERN,...", help="Features to keep, as in 'net_spend_*,recency'.")
    ] = None,
    catalogue: Annotated[
        bool, typer.Option("--catalogue", help="Print what every feature means, as Markdown; nothing else is needed.")
    ] = False,
    spec: Spec = None,
    period: Period = None,
    engine: Engine = None,
    scheduler: Scheduler = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Build the features of every customer at each cut-off."""
    from stagecast.commands import configure
    from stagecast.commands import features as command
    from stagecast.commands.common import needed, on_engine

    settings = on_engine(configure(config, tracking_uri, week_starts, period), engine, scheduler)
    if catalogue:
        command.catalogue(settings)
        return
    wanted = (needed(cutoffs, "--cutoffs"), select)
    command.features(needed(orders, "ORDERS"), wanted, settings, needed(out, "--out"), spec)
