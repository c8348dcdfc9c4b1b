"""A log in partitions gives the stages and features of the whole log, bit for bit."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from histories import some_spec
from odd_lines import ODD, some_lines

from features.clock import WEEK, Clock
from features.config import StageConfig
from features.families import all_features
from features.files import growing_parquet
from features.history import History
from features.orders import OrderLog
from features.partitions.build import feature_tables
from features.partitions.parted import Parted
from features.partitions.row_groups import row_groups, schema_of
from features.partitions.shop import WholeShop
from features.stages.fit import fit_spec, fit_spec_from

CUTOFFS = [18_295, 18_302, 18_400]
"""Mondays: near the begin, a week later, near the end."""


def parted(frame: pd.DataFrame, most: int, folder: Path) -> Parted:
    folder.mkdir()
    log = Parted(CUTOFFS[-1], most, folder)
    for rows in np.array_split(np.arange(len(frame)), 6):
        log.add(OrderLog.of(frame.iloc[rows]))
    return log


def file_of(frame: pd.DataFrame, most: int, threads: int, folder: Path) -> bytes:
    log = parted(frame, most, folder)
    shop = WholeShop(CUTOFFS, 26 * WEEK)
    for history in log.order_days():
        shop.add(history)
    features, out = all_features((4, 13), frozenset(log.since)), folder / "f.parquet"
    days = None if threads > 1 else lambda: shop.days  # where nobody says, the log finds out itself
    tables = feature_tables(log.histories(days), CUTOFFS, some_spec(), features, threads)
    with growing_parquet(out, schema_of(features), {}) as append:
        for table in row_groups(tables, 100):
            append(table)
    return out.read_bytes()


@pytest.mark.parametrize("ids", [[f"c{k}" for k in range(100)], ODD, ["a", *["whale"] * 8, "z", "z1"]])
def test_neither_partitions_nor_threads_change_a_byte(tmp_path: Path, ids: list[str]) -> None:
    frame = some_lines(ids)
    files = [
        file_of(frame, most, threads, tmp_path / f"{most}-{threads}")
        for most, threads in [(3000, 1), (3000, 2), (1500, 1), (450, 1), (450, 2)]
    ]
    assert len(set(files)) == 1


def test_a_column_that_a_partition_lacks_is_known_from_the_others(tmp_path: Path) -> None:
    frame = some_lines(["a", "b"]).assign(discount=np.nan)
    frame.loc[frame["customer_id"] == "b", "discount"] = 1.0
    log = parted(frame, 1600, tmp_path / "x")
    assert [history.has for history in log.histories()] == [History.of(frame).has] * len(log)


def test_the_shop_and_the_stage_spec_are_those_of_the_whole(tmp_path: Path) -> None:
    frame, constants, clock = some_lines([f"c{k}" for k in range(100)]), StageConfig(), Clock("mon")
    log, shop = parted(frame, 450, tmp_path / "x"), WholeShop(CUTOFFS, constants.follow_up_weeks * WEEK)
    for history in log.order_days():
        shop.add(history)
    whole = History.of(OrderLog.of(frame).before(CUTOFFS[-1]))
    assert len(log) > 3
    for name in ("day", "order_days", "newcomers"):
        np.testing.assert_array_equal(getattr(shop.days, name), getattr(whole.shop_days, name))
    for cutoff in CUTOFFS:
        want = fit_spec(whole, cutoff, 28, constants, clock)
        assert fit_spec_from(shop.waits[cutoff], 28, constants, clock) == want


def test_lines_after_the_last_cut_off_are_not_even_put_down(tmp_path: Path) -> None:
    frame = some_lines(["a", "b"])
    late = frame.assign(ordered_at=np.datetime64("2030-01-01"), customer_id=pd.array(["late"] * len(frame), "str"))
    log = parted(pd.concat([frame, late]), 1500, tmp_path / "x")
    assert sum(len(history.customers) for history in log.histories()) == 2


def test_row_groups_have_one_size() -> None:
    pieces = [(0, 3), (3, 0), (3, 9), (12, 1)]
    tables = [pa.table({"n": pa.array(range(k, k + size), pa.int64())}) for k, size in pieces]
    assert [len(table) for table in row_groups(tables, 4)] == [4, 4, 4, 1]
    assert pa.concat_tables(row_groups(tables, 5))["n"].to_pylist() == list(range(13))
    assert list(row_groups([], 4)) == []
