"""The Dask cluster of the tests as an engine of commands, and orders for it that are small but come in many pieces."""

from pathlib import Path

import pytest
from dask_settings import on_dask
from odd_lines import some_lines

from stagecast import reading

__all__ = ["on_dask"]


@pytest.fixture
def many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even small files are read in many pieces."""
    monkeypatch.setattr(reading, "STRETCH", 400)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """4,000 lines of 300 customers in 20 row groups."""
    path = tmp_path / "orders.parquet"
    some_lines([f"c{k}" for k in range(300)], lines=4000).to_parquet(path, row_group_size=200)
    return path
