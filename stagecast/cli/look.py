"""Commands that look at orders and customers as they stand."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import AsOf, ConfigFile, Orders, OutFile, Period, SpecFile, TrackingUri, WeekStarts
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
    orders: Orders,
    as_of: AsOf,
    out: OutFile,
    spec: SpecFile = None,
    save_spec: Annotated[
        Path | None, typer.Option("--save-spec", metavar="FILE", help="Keep the spec that was used.")
    ] = None,
    period: Period = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Tell in which stage every customer stands."""
    from stagecast.commands import configure
    from stagecast.commands import stages as command

    settings = configure(config, tracking_uri, week_starts, period)
    command.stages(orders, as_of, settings, out, (spec, save_spec))


@app.command(epilog="Example: stagecast features orders.parquet --cutoffs 2011-05-09,2011-06-06 --out f.parquet")
def features(
    orders: Orders,
    cutoffs: Annotated[str, typer.Option(metavar="DATE,...", help="Cut-offs, with commas between.")],
    out: OutFile,
    select: Annotated[
        str | None, typer.Option(metavar="PATTERN,...", help="Features to keep, as in 'net_spend_*,recency'.")
    ] = None,
    spec: SpecFile = None,
    period: Period = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Build the features of every customer at each cut-off."""
    from stagecast.commands import configure
    from stagecast.commands import features as command

    settings = configure(config, tracking_uri, week_starts, period)
    command.features(orders, (cutoffs, select), settings, out, spec)
