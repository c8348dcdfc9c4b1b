"""Dask gives what one process gives: features, stages and scores, bit for bit, with the same quarantine and report."""

from pathlib import Path

import pandas as pd
import pytest
from dask_settings import OnDask
from odd_lines import ODD, some_lines
from trained_shop import AS_OF, Shop

import stagecast
from serving.store import open_store, table
from stagecast.config import Config

pytestmark = pytest.mark.slow

CUTOFFS = ["2020-03-02", "2020-05-18"]


def settings(lines: int) -> Config:
    return Config.model_validate({"features": {"partition_lines": lines, "windows": [4, 13]}})


@pytest.mark.parametrize("lines", [6000, 900])
def test_features_are_the_same_file(on_dask: OnDask, tmp_path: Path, lines: int) -> None:
    orders, files = tmp_path / "orders.parquet", []
    some_lines([*ODD[3:], *(f"c{k}" for k in range(300))], lines=6000).to_parquet(orders, row_group_size=700)
    for config in (settings(6000), on_dask(settings(lines))):
        made = stagecast.write_features(str(orders), CUTOFFS, tmp_path / "f.parquet", config)
        files.append((made.snapshots, made.report.lines(), (tmp_path / "f.parquet").read_bytes()))
    assert files[0] == files[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f.parquet", "orders.parquet"]


def test_scores_are_the_same_rows(shop: Shop, on_dask: OnDask, tmp_path: Path) -> None:
    found = {}
    for name, config in {"local": shop.config, "dask": on_dask(shop.config)}.items():
        done = stagecast.score(str(shop.orders), AS_OF, tmp_path / name, config, shop.registered)
        rows = table(open_store(str(tmp_path / name)), AS_OF).to_pandas().drop(columns="scored_at")
        found[name] = rows, done.report.lines(), done.done.facts.model_dump(exclude={"counts": {"sums"}})  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(found["local"][0], found["dask"][0], check_exact=True)
    assert found["local"][1:] == found["dask"][1:]
    assert sorted(path.name for path in (tmp_path / "local").iterdir()) == sorted(
        path.name for path in (tmp_path / "dask").iterdir()
    )
