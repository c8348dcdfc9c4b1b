"""Dask gives what one process gives: features, stages and scores, bit for bit, with the same quarantine and report."""

from pathlib import Path

import pandas as pd
import pytest
from dask_settings import OnDask
from killed_workers import heard
from odd_lines import CUTOFFS, ODD, some_lines
from trained_shop import AS_OF, Shop

import stagecast
from features.partitions import parted
from serving.store import open_store, table
from stagecast.config import Config

pytestmark = pytest.mark.slow


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


@pytest.mark.parametrize("partitions", [1, 2, 8])
def test_features_stages_and_scores_are_the_same_bits_from_1_2_and_8_partitions_and_from_one_process(
    *, shop: Shop, on_dask: OnDask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, partitions: int
) -> None:
    monkeypatch.setattr(parted, "SPREAD", partitions)
    said, found = list[str](), list[object]()
    for name, config in {"local": shop.config, "dask": on_dask(shop.config)}.items():
        with heard(said.append):
            stagecast.write_features(str(shop.orders), [AS_OF], tmp_path / f"{name}.parquet", config)
            stagecast.score(str(shop.orders), AS_OF, tmp_path / name, config, shop.registered)
        receipt = open_store(str(tmp_path / name)).receipt(AS_OF)
        assert receipt is not None
        found.append(((tmp_path / f"{name}.parquet").read_bytes(), receipt.content, receipt.rows))
    columns = pd.read_parquet(tmp_path / "local.parquet").columns
    assert columns[columns.str.contains("stage")].any(), "stages are among the features, and among the scores"
    assert found[0] == found[1]
    told = "" if partitions == 1 else f", part {partitions} of {partitions}"
    assert {f"build the features{told}", f"score the customers{told}"} <= set(said)
