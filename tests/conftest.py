"""The surroundings of every test, and real orders: a public set from an installed package, larger ones beside it."""

from __future__ import annotations

import importlib.metadata
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pandas as pd

    from stagecast.engine.mapped import Dask

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

_SHOP = "a trained shop"
TOGETHER = {"anchors": _SHOP, "serving": _SHOP, "stagecast": _SHOP, "training": "models"}
"""Folders whose tests share what takes long to make; one worker runs them all and makes it once."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Deal the tests out file by file, and the folders of `TOGETHER` as a whole.

    The groups of `--dist loadgroup` are not kept together by pytest-xdist 3.8 under pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class ByFolder(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return TOGETHER.get(file.removeprefix("tests/").split("/")[0], file)

    return ByFolder(config, log)


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


@pytest.fixture(scope="session")
def dask_engine() -> Iterator[Dask]:
    """A real Dask cluster of two processes, as `--engine dask` starts one; it takes seconds to come up."""
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    from stagecast.engine import EngineConfig, engine_of

    with engine_of(EngineConfig(name="dask", workers=2, memory="2GB")) as engine:
        yield engine
