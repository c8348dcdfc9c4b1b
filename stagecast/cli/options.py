"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Orders = Annotated[
    str,
    typer.Argument(
        metavar="ORDERS", help="Orders: a Parquet file, a folder or a glob of them, or CSV.", show_default=False
    ),
]
AsOf = Annotated[
    str, typer.Option("--as-of", metavar="DATE", help="Cut-off: only orders before it are used.", show_default=False)
]
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
SpecFile = Annotated[
    Path | None,
    typer.Option("--spec", metavar="FILE", help="Frozen stage spec; without it one is fitted.", show_default=False),
]
OutFile = Annotated[Path, typer.Option("--out", metavar="FILE.parquet", help="Where to write.", show_default=False)]
