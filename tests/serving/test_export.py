"""A week as one file: safe in spreadsheets as CSV, as it is in Parquet."""

import csv
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_weeks import WEEK, made_stamp, made_week

from features.errors import DataError, UsageError
from serving.contract import SCHEMA
from serving.export import export, guarded
from serving.store import Store, open_store

FORMULAS = [
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org","x")',
    "+1",
    "-1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "\0=1",
    "\ufeff=1",
    "\u200b=1",
    "\u00a0=1",
    "＝1",  # noqa: RUF001
    '";=1',
    ',"=1',
    "'=1",
]
ODD = ["../../x", "<script>alert(1)</script>", "a\0b", "\u4e00" * 10_000, "é", "00123", "a\nb", 'say "x"', "a,b", ""]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = open_store(tmp_path / "scores")
    store.publish([made_week()], made_stamp())
    store.publish([made_week(ids=[*FORMULAS, *ODD])], made_stamp(job=2))
    return store


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_no_text_in_a_csv_begins_a_formula_and_all_can_be_had_back(store: Store, tmp_path: Path) -> None:
    assert export(store, WEEK, tmp_path / "week.csv") == len(FORMULAS) + len(ODD)
    rows = read(tmp_path / "week.csv")
    ids = [row["customer_id"] for row in rows]
    begun = [one.lstrip("\0\ufeff\u200b\u00a0 \t\r\n")[:1] for one in ids]

    assert not {"=", "+", "-", "@", "＝"} & set(begun)  # noqa: RUF001
    assert sorted(one.removeprefix("'") for one in ids) == sorted([*FORMULAS, *ODD])
    assert set(rows[0]) == set(SCHEMA.names)
    assert {row["as_of"] for row in rows} == {WEEK}


def test_what_is_no_formula_stays_as_it_is(store: Store, tmp_path: Path) -> None:
    export(store, WEEK, tmp_path / "week.csv", ["customer_id"])
    assert set(ODD) <= {row["customer_id"] for row in read(tmp_path / "week.csv")}


def test_numbers_survive_a_csv_to_the_last_digit(store: Store, tmp_path: Path) -> None:
    names = ["p_order", "expected_spend", "model_version"]
    export(store, WEEK, tmp_path / "week.csv", names)
    there = pd.read_csv(tmp_path / "week.csv")
    week = made_week(ids=[*FORMULAS, *ODD]).select(names).to_pandas()
    pd.testing.assert_frame_equal(there, week, check_exact=True)


def test_parquet_holds_everything_as_it_is(store: Store, tmp_path: Path) -> None:
    export(store, WEEK, tmp_path / "week.parquet")
    there = pq.read_table(tmp_path / "week.parquet")
    assert there.equals(pa.Table.from_batches([made_week(ids=[*FORMULAS, *ODD])]), check_metadata=True)


def test_a_replaced_version_and_few_columns_can_be_exported(store: Store, tmp_path: Path) -> None:
    old = store.versions(WEEK)[0].version
    assert export(store, WEEK, tmp_path / "old.csv", ["stage", "customer_id"], old) == 50
    assert list(read(tmp_path / "old.csv")[0]) == ["stage", "customer_id"]


def test_what_cannot_be_exported_leaves_what_stood_there(store: Store, tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_text("mine")
    with pytest.raises(DataError, match="no such scores"):
        export(store, "2011-06-13", tmp_path / "week.csv")
    with pytest.raises(UsageError, match="no such column"):
        export(store, WEEK, tmp_path / "week.csv", ["customer_id", "password"])
    with pytest.raises(UsageError, match="CSV or as Parquet"):
        export(store, WEEK, tmp_path / "week.xlsx")
    assert (tmp_path / "week.csv").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scores", "week.csv"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@\t\r\n '"), max_size=6)))
def test_the_guard_can_be_taken_off_and_leaves_no_formula(texts: list[str]) -> None:
    safe = guarded(pa.array(texts, pa.string())).to_pylist()
    assert [one.removeprefix("'") for one in safe] == texts
    assert not [one for one in safe if one.strip()[:1] in tuple("=+-@") or one[:1] in tuple("\t\r\n")]
