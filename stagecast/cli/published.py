"""Commands on scores that have been published."""

from typing import Annotated

import typer

from stagecast.cli.options import AsOfIfAny, ConfigFile, Orders, TrackingUri, WeekStarts
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast grade scores orders.parquet")
def grade(
    store: Annotated[
        str,
        typer.Argument(metavar="STORE", help="The score table: a folder, or an address.", show_default=False),
    ],
    orders: Orders,
    as_of: AsOfIfAny = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with exit code 4 if a week graded now did worse than promised.")
    ] = False,
    config: ConfigFile = None,
    week_starts: WeekStarts = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Tell how good the published scores were, week by week, now that their period has passed.

    Each week is held against what its customers then did, beside all baselines and against what the model had
    promised. Grading again changes nothing, unless orders came late.
    """
    from stagecast.commands import configure
    from stagecast.commands import grade as command

    command.grade(store, orders, as_of, configure(config, tracking_uri, week_starts), strict)
