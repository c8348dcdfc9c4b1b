"""CDNOW as the papers use it: customer-days of the tenth and of all."""

from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def cdnow_tenth() -> pd.DataFrame:
    return _days("CDNOW_sample.txt", ["master", "customer", "date", "discs", "dollars"])


@pytest.fixture(scope="session")
def cdnow_all() -> pd.DataFrame:
    return _days("CDNOW_master.txt", ["customer", "date", "discs", "dollars"])


def _days(name: str, columns: list[str]) -> pd.DataFrame:
    """`customer`, `day` (number), `dollars` of it: a row a customer and day, in order."""
    try:
        path = Path(str(distribution("lifetimes").locate_file(f"lifetimes/datasets/{name}")))
    except PackageNotFoundError:
        pytest.skip("CDNOW comes with the distribution `lifetimes`, which is not installed")
    lines = (line.split() for line in path.read_text(encoding="utf-8").splitlines())
    orders = pd.DataFrame([row for row in lines if row and row[0].isdigit()], columns=columns)
    days = orders["date"].str.replace(r"(\d{4})(\d\d)(\d\d)", r"\1-\2-\3", regex=True).to_numpy("datetime64[D]")
    dollars = orders["dollars"].astype(float)
    return (
        orders.assign(day=days.astype(np.int64), dollars=dollars)
        .groupby(["customer", "day"], as_index=False)["dollars"]
        .sum()
    )
