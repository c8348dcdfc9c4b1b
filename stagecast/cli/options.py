"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

_ORDERS = typer.Argument(
    metavar="ORDERS",
    help="Orders: a Parquet file, a folder or a glob of them, CSV, a Delta table, or postgresql://host/db?table=NAME.",
    show_default=False,
)
_AS_OF = typer.Option("--as-of", metavar="DATE", help="Cut-off: only orders before it are used.", show_default=False)
_OUT_FILE = typer.Option("--out", metavar="FILE.parquet", help="Where to write.", show_default=False)

Orders = Annotated[str, _ORDERS]
Store = Annotated[
    str,
    typer.Argument(metavar="STORE", help="Scores: a folder, or the address given to score --out.", show_default=False),
]
PublishedWeek = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="A published week (default: the newest).", show_default=False),
]
AsOf = Annotated[str, _AS_OF]
OutFile = Annotated[Path, _OUT_FILE]
OrdersIfAny = Annotated[str | None, _ORDERS]
AsOfIfAny = Annotated[str | None, _AS_OF]
OutFileIfAny = Annotated[Path | None, _OUT_FILE]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Settings, as TOML.", show_default=False)
]
TrackingUri = Annotated[
    str | None,
    typer.Option(
        "--tracking-uri",
        metavar="URI",
        help="MLflow store (default: MLFLOW_TRACKING_URI, or mlflow.db here).",
        show_default=False,
    ),
]
WeekStarts = Annotated[
    str | None, typer.Option("--week-starts", metavar="DAY", help="mon (default), tue, ..., sun.", show_default=False)
]
Period = Annotated[
    str | None, typer.Option("--period", metavar="28d", help="Length of a period, whole weeks.", show_default=False)
]
Spec = Annotated[
    str | None,
    typer.Option(
        "--spec",
        metavar="FILE",
        help="Frozen stage spec, or NAME@ALIAS or NAME/VERSION of a model; without it one is fitted.",
        show_default=False,
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        "--engine", metavar="NAME", help="Where the work is done: local (default), or dask.", show_default=False
    ),
]
Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler", metavar="ADDRESS", help="Dask's scheduler (default: own processes).", show_default=False
    ),
]
