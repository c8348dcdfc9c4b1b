"""Whether the weeks beside a new one follow the same stage spec."""

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from serving.weeks import Week, unlike
from serving.writer import publish


@pytest.fixture
def folder(scores: pd.DataFrame, tmp_path: Path) -> Path:
    for as_of, spec in (("1998-02-23", "older"), ("1998-03-02", "newer"), ("1998-03-09", "latest")):
        publish(scores.assign(as_of=as_of, spec_hash=spec), tmp_path)
    return tmp_path


def test_the_newest_other_week_is_looked_at(folder: Path) -> None:
    assert unlike(folder, "1998-03-09", "latest") == Week("1998-03-02", "newer")
    assert unlike(folder, "1998-03-02", "newer") == Week("1998-03-09", "latest")
    assert unlike(folder, "1998-03-16", "latest") is None


def test_the_week_itself_does_not_count(scores: pd.DataFrame, tmp_path: Path) -> None:
    publish(scores.assign(as_of="1998-03-02", spec_hash="one"), tmp_path)
    assert unlike(tmp_path, "1998-03-02", "other") is None


def test_no_folder_no_week(tmp_path: Path) -> None:
    assert unlike(tmp_path / "none", "1998-03-02", "one") is None


@pytest.mark.parametrize("damage", ["garbage", "empty", "no such column"])
def test_a_week_that_cannot_be_read_stops_nobody(folder: Path, scores: pd.DataFrame, damage: str) -> None:
    newest = folder / "as_of=1998-03-09" / "scores.parquet"
    if damage == "garbage":
        newest.write_bytes(b"PAR1 and nothing else")
    elif damage == "empty":
        scores.head(0).to_parquet(newest)
    else:
        pq.write_table(pq.read_table(newest, partitioning=None).drop_columns("spec_hash"), newest)
    assert unlike(folder, "1998-03-16", "other") is None
