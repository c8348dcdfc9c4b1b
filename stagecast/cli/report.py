"""The command that makes the weekly report of a published week."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.options import ConfigFile, PublishedWeek, Store
from stagecast.cli.root import app


@app.command(epilog="Example: stagecast report scores --as-of 2011-06-06 --out report.html")
def report(
    store: Store,
    out: Annotated[Path, typer.Option(metavar="FILE.html", help="Where to write the page.", show_default=False)],
    as_of: PublishedWeek = None,
    config: ConfigFile = None,
) -> None:
    """Make the report of a published week: one page that needs no network, for those who act on the scores."""
    from stagecast.commands import configure
    from stagecast.commands import report as command

    command.report(store, as_of, configure(config), out)
