"""The root of the command line."""

from typing import Annotated, Literal

import typer

app = typer.Typer(
    name="stagecast",
    help="Where every customer stands, where each will stand next, and how likely each is to regress.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
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
    log_format: Annotated[
        Literal["text", "json"],
        typer.Option(
            "--log-format",
            envvar="STAGECAST_LOG_FORMAT",
            help="Progress and errors, on standard error, as text or JSON.",
        ),
    ] = "text",
) -> None:
    """Where every customer stands, where each will stand next, and how likely each is to regress."""
    from stagecast.logs import as_json

    as_json.set(log_format == "json")
