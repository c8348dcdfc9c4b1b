"""The command that simulates a shop."""

from pathlib import Path
from typing import Annotated

import typer

from stagecast.cli.root import app


@app.command(epilog="Example: stagecast simulate steady --customers 10000 --seed 1 --out shop")
def simulate(
    scenario: Annotated[
        str,
        typer.Argument(
            metavar="SCENARIO",
            help="steady, growth, holiday, recall, price-rise, young-shop or subscription-like.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(metavar="FOLDER", help="New folder for orders, truth and scenario.json.", show_default=False),
    ],
    customers: Annotated[int, typer.Option(metavar="N", help="How many customers.")] = 10_000,
    seed: Annotated[int, typer.Option(metavar="S", help="Seed: the same one gives the same orders.")] = 0,
) -> None:
    """Simulate a shop whose customers' true stages are known."""
    from stagecast.commands import simulate as command

    command.simulate(scenario, customers, seed, out)
