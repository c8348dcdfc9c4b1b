"""Real orders for every test: a public set from an installed package, and the larger ones beside the repository."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """The path of a shared order set, by name; the test is skipped where the set is not there."""

    def find(name: str) -> Path:
        path = SHARED / f"{name}.parquet"
        if not path.exists():
            pytest.skip(f"the shared order set {name} is not beside the repository")
        return path

    return find


@pytest.fixture(scope="session")
def cdnow_orders() -> pd.DataFrame:
    """CDNOW (69,659 orders) under canonical names, read from the files of `lifetimes`, which is not imported."""
    files = importlib.metadata.files("lifetimes") or []
    path = next(file for file in files if file.name == "CDNOW_master.txt").locate()
    orders = pd.read_csv(str(path), sep=r"\s+", dtype=str)
    orders.columns = pd.Index(["customer_id", "ordered_at", "quantity", "amount"])
    return orders.assign(
        ordered_at=pd.to_datetime(orders["ordered_at"], format="%Y%m%d"),
        quantity=orders["quantity"].astype(float),
        amount=orders["amount"].astype(float),
    )
