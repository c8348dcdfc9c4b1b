"""Commands on scores that have been published."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import AsOfIfAny, ConfigFile, Orders, PublishedWeek, Store, TrackingUri, WeekStarts
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast grade scores orders.parquet")
def grade(
    store: Store,
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


@app.command(epilog="Example: stagecast export scores --out campaign.csv --columns customer_id,stage,p_regression")
def export(
    store: Store,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="FILE.csv, safe in spreadsheets, or FILE.parquet.", show_default=False)
    ],
    as_of: PublishedWeek = None,
    columns: Annotated[
        str | None, typer.Option(metavar="NAME,...", help="Columns, in this order (default: all).", show_default=False)
    ] = None,
    version: Annotated[
        int | None, typer.Option(metavar="NUMBER", help="A version that was replaced since.", show_default=False)
    ] = None,
) -> None:
    """Write a published week to one file, for spreadsheets and campaign tools."""
    from stagecast.commands import store as command

    command.export((store, as_of, version), out, columns)


@app.command(epilog="Example: stagecast tidy scores --keep-weeks 104 --keep-days 30")
def tidy(
    store: Store,
    keep_weeks: Annotated[
        int | None,
        typer.Option(min=1, metavar="NUMBER", help="Newest weeks to keep (default: all).", show_default=False),
    ] = None,
    keep_days: Annotated[
        int, typer.Option(min=0, metavar="DAYS", help="How long a replaced week can still be read by its version.")
    ] = 30,
) -> None:
    """Compact the score table, and let go of old weeks and of what was replaced long ago."""
    from stagecast.commands import store as command

    command.tidy(store, keep_weeks, keep_days)


@app.command(epilog="Example: stagecast forget 12748 scores exports/ backtest/")
def forget(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The id, letter for letter.", show_default=False)],
    store: Store,
    more: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Other files and folders to clear: exports, reports, backtests. Rows are taken out in place.",
            show_default=False,
        ),
    ] = None,
    config: ConfigFile = None,
    tracking_uri: TrackingUri = None,
) -> None:
    """Remove a customer from the scores and all that was made of them, and prove it.

    Every week, every version of it, documents, unfinished work, the quarantine and MLflow's files are cleared, then
    all of it is searched again. An id that begins with a dash goes after `--`.
    """
    from stagecast.commands import configure
    from stagecast.commands import forget as command

    command.forget(customer, store, more or [], configure(config, tracking_uri))
