"""The surroundings of every test, and real orders: a public set from an installed package, larger ones beside it."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pandas as pd

# numpy, LightGBM, MLflow and matplotlib read these when they are imported: hence no import of them above
os.environ |= {
    "TZ": "UTC",
    "MPLBACKEND": "Agg",
    "OMP_WAIT_POLICY": "PASSIVE",
    "OPENBLAS_NUM_THREADS": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
time.tzset()
sys.path.append(str(Path(__file__).parent / "support"))  # oracles and laws that several tests use

settings.register_profile(
    "stagecast", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("stagecast")

LONG = ("shop", "trained")
"""Fixtures of a session that take long: whatever needs one of them runs in one worker, which makes it once."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together the tests of a file, and the files that share what takes long to make (`--dist loadgroup`)."""
    group = {item.path: item.path.as_posix() for item in items}
    for item in items:
        for name in LONG:
            if name in getattr(item, "fixturenames", ()):
                group[item.path] = name
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group[item.path]))


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
    import pandas as pd

    files = importlib.metadata.files("lifetimes") or []
    path = next(file for file in files if file.name == "CDNOW_master.txt").locate()
    orders = pd.read_csv(str(path), sep=r"\s+", dtype=str)
    orders.columns = pd.Index(["customer_id", "ordered_at", "quantity", "amount"])
    return orders.assign(
        ordered_at=pd.to_datetime(orders["ordered_at"], format="%Y%m%d"),
        quantity=orders["quantity"].astype(float),
        amount=orders["amount"].astype(float),
    )


@pytest.fixture(scope="session")
def cdnow_few(cdnow_orders: pd.DataFrame) -> pd.DataFrame:
    """The clean orders of every 79th CDNOW customer: 299 of them, in seconds rather than minutes."""
    import pandas as pd

    few = cdnow_orders[pd.factorize(cdnow_orders["customer_id"])[0] % 79 == 0].reset_index(drop=True)
    price = few["amount"] / few["quantity"].where(few["quantity"] > 0)
    return few.assign(unit_price=price, is_return=False)
