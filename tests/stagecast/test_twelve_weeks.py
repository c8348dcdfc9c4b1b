"""Twelve weeks scored one by one, each from what was known then; then all of them again from the whole raw orders."""

from pathlib import Path

import pandas as pd
import pytest
from trained_shop import Shop

import stagecast
from serving.store import Store, open_store, table

pytestmark = pytest.mark.slow

WEEKS = [f"{day:%Y-%m-%d}" for day in pd.date_range("1998-03-02", periods=12, freq="7D")]


def rows(store: Store, as_of: str) -> pd.DataFrame:
    return table(store, as_of).to_pandas().drop(columns="scored_at")


@pytest.fixture(scope="module")
def weekly(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store after twelve Mondays, on each of which the file of orders ended the day before."""
    folder = tmp_path_factory.mktemp("twelve")
    for as_of in WEEKS:
        known = shop.frame[shop.frame["ordered_at"] < as_of]
        known.to_parquet(folder / "orders.parquet", index=False)
        stagecast.score(folder / "orders.parquet", as_of, folder / "scores", shop.config)
    return folder / "scores"


def test_the_whole_history_scored_again_gives_identical_rows(shop: Shop, weekly: Path, tmp_path: Path) -> None:
    for as_of in WEEKS[::-1]:
        stagecast.score(shop.orders, as_of, tmp_path / "again", shop.config)
    one, other = open_store(weekly), open_store(tmp_path / "again")

    assert one.weeks() == other.weeks() == WEEKS
    for as_of in WEEKS:
        pd.testing.assert_frame_equal(rows(one, as_of), rows(other, as_of), check_exact=True)
        mine, theirs = one.receipt(as_of), other.receipt(as_of)
        assert mine is not None
        assert theirs is not None
        assert (mine.content, mine.rows) == (theirs.content, theirs.rows)


def test_scored_again_in_place_nothing_changes(shop: Shop, weekly: Path) -> None:
    store = open_store(weekly)
    before = {as_of: store.receipt(as_of) for as_of in WEEKS}
    assert not any(stagecast.score(shop.orders, as_of, weekly, shop.config).new for as_of in WEEKS)
    assert {as_of: store.receipt(as_of) for as_of in WEEKS} == before


def test_a_planted_late_line_is_noticed(shop: Shop, weekly: Path, tmp_path: Path) -> None:
    """That the comparison can fail: one order that came late changes its customer's row, and so the digest."""
    as_of = WEEKS[5]
    line = shop.frame[shop.frame["ordered_at"] < as_of].iloc[[0]].assign(ordered_at=pd.Timestamp("1998-03-30"))
    stagecast.score(pd.concat([shop.frame, line]), as_of, tmp_path / "late", shop.config)
    one, other = open_store(weekly), open_store(tmp_path / "late")
    differ = (rows(one, as_of).compare(rows(other, as_of), keep_shape=False)).index
    assert line["customer_id"].iloc[0] in set(rows(one, as_of)["customer_id"].iloc[differ])
    assert one.receipt(as_of) != other.receipt(as_of)
