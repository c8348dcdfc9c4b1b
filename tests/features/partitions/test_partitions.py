"""Partitions hold whole customers in the order of their ids, and every line once."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from odd_lines import ODD, some_lines

from features.orders import OrderLog
from features.partitions.partitions import Partitions, boundaries


def split(frame: pd.DataFrame, most: int, folder: Path, batches: int = 6) -> list[pd.DataFrame]:
    partitions = Partitions(most, folder)
    for rows in np.array_split(np.arange(len(frame)), batches):
        partitions.add(OrderLog.of(frame.iloc[rows]))
    parts = [log.frame() for log in partitions.parts()]
    assert [len(log) for log in partitions.parts()] == [len(part) for part in parts], "they can be gone through again"
    return parts


@pytest.mark.parametrize("most", [100, 700, 2999, 3000])
def test_every_line_is_in_one_partition(tmp_path: Path, most: int) -> None:
    frame = some_lines([f"c{k}" for k in range(400)])
    parts = split(frame, most, tmp_path)
    columns = list(frame.columns)
    got = pd.concat(parts)[columns].sort_values(columns, ignore_index=True)
    want = frame.sort_values(columns, ignore_index=True)
    pd.testing.assert_frame_equal(got, want, check_dtype=False)
    assert max(map(len, parts)) < 1.2 * most


@pytest.mark.parametrize("most", [100, 500])
def test_ids_that_sort_oddly_are_parted_in_the_order_of_their_code_points(tmp_path: Path, most: int) -> None:
    parts = split(some_lines(ODD), most, tmp_path)
    assert len(parts) > 3
    for before, after in pairwise(parts):
        assert before["customer_id"].max() < after["customer_id"].min()


def test_lines_of_a_customer_stay_in_the_order_of_the_input(tmp_path: Path) -> None:
    frame = some_lines(ODD).assign(unit_price=np.arange(3000.0))
    for part in split(frame, 500, tmp_path):
        assert (part.groupby("customer_id")["unit_price"].diff().dropna() > 0).all()


def test_one_customer_with_most_of_the_lines_is_not_torn_apart(tmp_path: Path) -> None:
    frame = some_lines(["a", *["whale"] * 8, "z", "z1"])
    parts = split(frame, 300, tmp_path)
    assert sum("whale" in set(part["customer_id"]) for part in parts) == 1
    assert 1 < len(parts) < 5


def test_few_lines_are_never_written(tmp_path: Path) -> None:
    assert len(split(some_lines(["a", "b"]), 3000, tmp_path)) == 1
    assert not list(tmp_path.iterdir())


def test_no_lines_make_no_partition(tmp_path: Path) -> None:
    assert list(Partitions(10, tmp_path).parts()) == []


def test_a_column_that_only_some_batches_have_is_missing_in_the_rest(tmp_path: Path) -> None:
    frame = some_lines(["a", "b", "c"])
    parts = split(frame, 1000, tmp_path)
    assert sum(part["discount"].notna().sum() for part in parts if "discount" in part) == 20


def test_boundaries_halve_the_lines() -> None:
    assert boundaries([("a", 1), ("b", 1), ("c", 1), ("d", 1)], 2) == ["c"]
    assert boundaries([("d", 1), ("a", 9), ("b", 1), ("c", 1)], 6) == ["b"]
    assert boundaries([("a", 5)], 1) == []
