"""The command line: parse, call the verb, print a plain last line.

Everything heavy is imported inside the commands, so that `--help` answers at once.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from features.errors import StagecastError
from stagecast.options import AsOf, ConfigFile, Orders, OutFile, Period, SpecFile, TrackingUri, WeekStarts

DEBUG = "STAGECAST_DEBUG"
"""Environment variable that asks for the traceback."""

app = typer.Typer(
    name="stagecast",
    help="Where every customer stands, where each will stand next, and how likely each is to regress.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Entry point: what goes wrong becomes a message and an exit code, never a traceback."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        print(f"stagecast: {_explained(error)}", file=sys.stderr)
        sys.exit(error.exit_code if isinstance(error, StagecastError) else 1)


def _explained(error: Exception) -> Exception:
    """An error in our manners: ours as it is, the system's and unexpected ones dressed the same way."""
    if isinstance(error, StagecastError):
        return error
    if isinstance(error, MemoryError):
        return StagecastError("out of memory", remedy="use a machine with more, or fewer cut-offs")
    if isinstance(error, OSError):
        return StagecastError(error.strerror or str(error), got=error.filename)
    said = str(error).strip().splitlines() or ["no message"]
    return StagecastError(
        f"an unexpected {type(error).__name__}, which is a defect of stagecast",
        got=said[0][:300],
        remedy=f"report it with what {DEBUG}=1 in the environment shows",
    )


def _version(asked: bool) -> None:
    if asked:
        from stagecast import __version__

        print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Where every customer stands, where each will stand next, and how likely each is to regress."""


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
    from stagecast import commands

    commands.check(orders, commands.configure(config, tracking_uri, week_starts))


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
    from stagecast import commands

    settings = commands.configure(config, tracking_uri, week_starts, period)
    commands.stages(orders, as_of, settings, out, (spec, save_spec))


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
    from stagecast import commands

    settings = commands.configure(config, tracking_uri, week_starts, period)
    commands.features(orders, (cutoffs, select), settings, out, spec)


@app.command(epilog="Example: stagecast train orders.parquet --as-of 2011-06-06 --period 28d --promote")
def train(
    orders: Orders,
    as_of: AsOf,
    period: Period = None,
    promote: Annotated[bool, typer.Option("--promote", help="Make it champion if the gate says yes.")] = False,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Train a model, judge it out of time, log it to MLflow and register it."""
    from stagecast import commands

    commands.train(orders, as_of, commands.configure(config, tracking_uri, week_starts, period), promote)


@app.command(epilog="Example: stagecast promote stagecast/3")
def promote(
    model: Annotated[
        str | None,
        typer.Argument(
            metavar="[MODEL]", help="NAME@ALIAS or NAME/VERSION; the challenger by default.", show_default=False
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Promote although the gate says no.")] = False,
    config: ConfigFile = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Make a registered version the champion that scores."""
    from stagecast import commands

    commands.promote(model, commands.configure(config, tracking_uri), force)


@app.command(epilog="Example: stagecast score orders.parquet --as-of 2011-06-06 --out scores")
def score(
    orders: Orders,
    as_of: AsOf,
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the score table, one part a cut-off.")],
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME@ALIAS", help="Or NAME/VERSION (default: the champion).", show_default=False),
    ] = None,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Score every known customer with the champion and publish the week."""
    from stagecast import commands

    commands.score(orders, as_of, commands.configure(config, tracking_uri, week_starts), (out, model))


if __name__ == "__main__":
    main()
