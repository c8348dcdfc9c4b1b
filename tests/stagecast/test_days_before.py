"""Verbs with a cut-off read no order of that day or later: what is written there is as if it were not."""

from pathlib import Path

import pandas as pd
import pytest

import stagecast
from features.errors import DataError
from stagecast.describe import check

AS_OF = "1997-09-01"


@pytest.fixture
def with_a_bad_future(cdnow_few: pd.DataFrame, tmp_path: Path) -> Path:
    """Orders whose lines on and after the cut-off have lost their customers."""
    later = cdnow_few["ordered_at"] >= AS_OF
    frame = cdnow_few.assign(customer_id=cdnow_few["customer_id"].mask(later))
    frame.to_parquet(tmp_path / "orders.parquet")
    return tmp_path / "orders.parquet"


def test_what_comes_later_is_not_even_judged(with_a_bad_future: Path, cdnow_few: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="rows are bad"):
        check(with_a_bad_future)
    expected = stagecast.stages(cdnow_few, AS_OF)
    pd.testing.assert_frame_equal(stagecast.stages(with_a_bad_future, AS_OF), expected)


def test_the_feature_file_reads_no_more(with_a_bad_future: Path, cdnow_few: pd.DataFrame, tmp_path: Path) -> None:
    asked = ([AS_OF], tmp_path / "f.parquet", None, ["recency", "orders_*"])
    made = stagecast.write_features(with_a_bad_future, *asked)
    assert made.report.rows_read == (cdnow_few["ordered_at"] < AS_OF).sum()
    features = stagecast.features(cdnow_few, [AS_OF], select=["recency", "orders_*"])
    assert len(pd.read_parquet(tmp_path / "f.parquet")) == len(features)


def test_a_cutoff_before_all_orders_is_told_when_they_begin(cdnow_few: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"before the cut-off[\s\S]*1997-01-0"):
        stagecast.stages(cdnow_few, "1996-12-30")
