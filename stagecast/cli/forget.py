"""The command that forgets a customer."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import ConfigFile, TrackingUri
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast forget 12748 scores exports/ backtest/")
def forget(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The id, letter for letter.", show_default=False)],
    store: Annotated[
        str, typer.Argument(metavar="STORE", help="The score table: a folder, or an address.", show_default=False)
    ],
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
