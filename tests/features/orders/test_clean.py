"""What becomes of whole inputs: laws over random corruptions, refusals, notes, and the real sets."""

import contextlib
import dataclasses
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_lines import loosened

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError, StagecastError, UsageError
from features.orders import REQUIRED, CleanOrders, clean_orders, load_orders, read_orders, save_quarantine
from features.orders.notes import notes

NOW = datetime(2024, 6, 15)
CLOCK = ClockConfig()
STRICT = OrdersConfig()
LENIENT = OrdersConfig(max_bad_share=1)

CELLS: dict[str, st.SearchStrategy[Any]] = {
    "customer_id": st.sampled_from(["a", "b", "A", "0b", " a", "", None, "é"]) | st.text(max_size=3),
    "order_id": st.sampled_from(["1", "2", None]),
    "ordered_at": st.sampled_from(["2024-01-01", "2024-01-02T10:00", "01.02.2024", "9999-12-31", "1677-01-01", None]),
    "product_id": st.sampled_from(["p", "P", None]),
    "quantity": st.sampled_from(["1", "-1", "x", "inf", None]),
    "unit_price": st.sampled_from(["2.5", "0", "1e308", None]),
    "amount": st.sampled_from(["2.5", "0", "-3", "NaN", "-inf", "1e400", "1,5", None]),
    "is_return": st.sampled_from(["yes", "0", "?", None]),
}


@st.composite
def corrupt_orders(draw: st.DrawFn) -> pd.DataFrame:
    """Up to a dozen lines of text, good and bad, over some of the columns, one line always good."""
    optional = draw(st.sets(st.sampled_from([name for name in CELLS if name not in REQUIRED])))
    names = [name for name in CELLS if name in REQUIRED or name in optional]
    good = dict(zip(CELLS, ["c", "9", "2024-01-03", "q", "1", "2", "2", "no"], strict=True))
    lines = draw(st.lists(st.fixed_dictionaries({name: CELLS[name] for name in names}), max_size=12))
    at = draw(st.integers(0, len(lines)))
    return pd.DataFrame([*lines[:at], {name: good[name] for name in names}, *lines[at:]], columns=names, dtype=object)


def clean(frame: pd.DataFrame, config: OrdersConfig = LENIENT) -> CleanOrders:
    return load_orders(frame, config, CLOCK, NOW)


def as_set(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(tuple(map(str, row)) for row in frame.itertuples(index=False))


@given(corrupt_orders())
@settings(max_examples=100, deadline=None)
def test_every_row_is_kept_or_set_aside_with_a_reason(frame: pd.DataFrame) -> None:
    before = frame.copy(deep=True)
    result = clean(frame)
    report = result.report
    pd.testing.assert_frame_equal(frame, before)
    assert report.rows_kept + report.rows_set_aside == report.rows_read == len(frame)
    assert (report.rows_kept, report.rows_set_aside) == (len(result.orders), len(result.quarantine))
    assert (result.quarantine["reason"].str.len() > 0).all()
    assert not result.orders[[*REQUIRED, "is_return"]].isna().any().any()
    assert np.isfinite(result.orders.get("amount", pd.Series(dtype=float))).all()
    assert report.customers == result.orders["customer_id"].nunique()


@given(corrupt_orders(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(frame: pd.DataFrame, random: Any) -> None:
    shuffled = frame.iloc[random.sample(range(len(frame)), len(frame))]
    one, two = clean(frame), clean(shuffled)
    assert as_set(one.orders) == as_set(two.orders)
    assert as_set(one.quarantine.drop(columns="row")) == as_set(two.quarantine.drop(columns="row"))
    assert one.report.notes == two.report.notes


@given(corrupt_orders())
@settings(max_examples=50, deadline=None)
def test_clean_orders_pass_again_unchanged(frame: pd.DataFrame) -> None:
    once = clean(frame)
    again = clean(once.orders)
    assert again.quarantine.empty
    pd.testing.assert_frame_equal(again.orders, once.orders)


@given(corrupt_orders())
@settings(max_examples=50, deadline=None)
def test_tables_frames_and_text_agree(frame: pd.DataFrame) -> None:
    table = pa.table({name: pa.array(list(frame[name]), pa.string()) for name in frame.columns})
    pd.testing.assert_frame_equal(clean(frame).orders, load_orders(table, LENIENT, CLOCK, NOW).orders)


@given(corrupt_orders())
@settings(max_examples=50, deadline=None)
def test_the_quarantine_can_be_written_and_names_the_values(frame: pd.DataFrame) -> None:
    quarantine = clean(frame).quarantine
    for _, line in quarantine.iterrows():
        original = frame.iloc[line["row"]]
        assert all(pd.isna(line[name]) if pd.isna(original[name]) else line[name] == original[name] for name in frame)


def orders(rows: int = 200, **columns: Any) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=rows, freq="h")
    ids = [f"c{row % 7}" for row in range(rows)]
    return pd.DataFrame({"customer_id": ids, "ordered_at": days, "amount": 1.0} | columns)


def refused(frame: pd.DataFrame, config: OrdersConfig = STRICT) -> str:
    with pytest.raises(DataError) as caught:
        clean(frame, config)
    return str(caught.value)


def test_no_rows() -> None:
    assert "no orders" in refused(orders().iloc[:0])
    assert "no orders" in refused(pd.DataFrame({"customer_id": [], "ordered_at": []}))


def test_one_row() -> None:
    assert clean(orders(1), STRICT).report.rows_kept == 1


def test_nothing_left() -> None:
    message = refused(orders(customer_id=[None] * 200), LENIENT)
    assert "200 of 200 rows" in message
    assert "at least one good row" in message


def test_a_small_share_is_set_aside() -> None:
    frame = orders()
    frame.loc[[3, 7], "amount"] = [np.nan, np.inf]
    result = clean(frame, STRICT)
    assert result.quarantine["row"].tolist() == [3, 7]
    assert result.quarantine["amount"].isna().tolist() == [True, False]
    assert list(result.orders.index) == list(range(198))
    assert "198 kept, 2 set aside" in str(result.report)


def test_too_large_a_share_is_refused_with_the_first_example() -> None:
    frame = orders(amount=[*["1"] * 195, "five", *["x"] * 3, "1"])
    frame.loc[0, "customer_id"] = " "
    message = refused(frame)
    assert "5 of 200 rows are bad (2.50%): amount is not a number (4), customer_id is missing (1)" in message
    assert "row 195 (from 0), amount = 'five'" in message
    assert "1.00% bad rows" in message


def test_reject_allows_no_bad_row() -> None:
    frame = orders()
    frame.loc[5, "customer_id"] = None
    assert "1 of 200 rows" in refused(frame, OrdersConfig(bad_rows="reject"))


def test_a_row_may_have_several_reasons() -> None:
    frame = orders(customer_id=[None, *["c"] * 199], amount=[np.inf, *[1.0] * 199])
    assert clean(frame).quarantine["reason"].tolist() == [
        "customer_id is missing; amount is infinite or too large (inf)"
    ]


def test_an_unmapped_frame_is_refused() -> None:
    with pytest.raises(DataError, match="customer_id"):
        clean_orders(pd.DataFrame({"x": [1]}), LENIENT, CLOCK)


def test_changing_what_comes_out_does_not_change_what_went_in() -> None:
    frame = orders()
    before = frame.copy(deep=True)
    result = clean(frame)
    result.orders.loc[:, "amount"] = -1.0
    result.orders.loc[:, "ordered_at"] = pd.Timestamp(0)
    pd.testing.assert_frame_equal(frame, before)


def test_the_wall_clock_is_the_default() -> None:
    tomorrow = pd.Timestamp.now("UTC").tz_localize(None) + pd.Timedelta(days=1)
    frame = orders(2, ordered_at=[tomorrow, tomorrow + pd.Timedelta(days=2)])
    assert load_orders(frame, LENIENT, CLOCK).report.rows_kept == 1


def test_results_are_frozen() -> None:
    result = clean(orders())
    for frozen, name in ((result, "orders"), (result.report, "rows_read")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, name, None)


# -- notes -----------------------------------------------------------------------------------------

TWELVE = {
    "customer_id": ["a", "a", "b", "B", "7", "007", "c", "c ", "é", "e\u0301", "b", "b"],
    "order_id": ["1", "1", "2", "3", "4", "5", None, "6", "1", "7", "8", "9"],
    "ordered_at": ["2024-01-01"] * 10 + ["2024-01-02", "2023-01-01"],
    "product_id": ["p", "p", "q", "Q", "r", "r", "r", "r", "r", "r", "r", "r"],
    "unit_price": [1, 1, 0, 1, 2, 2, 2, 2, 2, 2, 2, 2],
    "amount": [1, 1, 0, 1, 2, 2, 2, 2, 2, -2, 3, -2],
    "is_return": [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1],
}
NOTES = {
    "columns absent or empty (category, quantity, discount)": 3,
    "lines exactly like another line": 1,
    "lines that are returns": 2,
    "returns before the customer's first purchase": 1,
    "order ids shared by several customers": 1,
    "lines without an order id": 1,
    "lines with amount 0": 1,
    "lines with a negative amount that are not marked as returns": 1,
    "returns with a positive amount": 1,
    "products never seen with a price": 1,
    "values of customer_id that differ from another only in case": 2,
    "values of customer_id that differ from another only in leading zeros": 2,
    "values of customer_id that differ from another only in surrounding blanks": 2,
    "values of customer_id that differ from another only in Unicode normalisation": 2,
    "values of product_id that differ from another only in case": 2,
}


def test_notes_count_what_is_odd_but_no_error() -> None:
    assert clean(pd.DataFrame(TWELVE)).report.notes == NOTES


def test_notes_compare_order_ids_by_their_words() -> None:
    log = clean(pd.DataFrame(TWELVE)).log
    assert notes(loosened(log), 0) == notes(log, 0) == NOTES


@pytest.mark.parametrize(("one", "two", "repeats"), [(0.0, -0.0, 1), (np.nan, np.nan, 1), (0.1, 0.1 + 1e-16, 0)])
def test_exact_repeats(one: float, two: float, repeats: int) -> None:
    frame = orders(3, ordered_at=["2024-01-01"] * 3, customer_id=["a", "a", "b"], quantity=[one, two, 5.0])
    assert clean(frame).report.notes.get("lines exactly like another line", 0) == repeats


def test_notes_look_at_kept_rows_only() -> None:
    frame = orders(3, ordered_at=["2024-01-01", "soon", "soon"], customer_id=["a", "A", "A"])
    result = clean(frame)
    assert list(result.report.notes) == [
        "columns absent or empty (order_id, product_id, category, quantity, unit_price, discount)"
    ]


# -- quarantine on disk ----------------------------------------------------------------------------


def bad_orders() -> CleanOrders:
    return clean(orders(customer_id=[None, *["c"] * 199]))


def test_quarantine_is_written(tmp_path: Path) -> None:
    path = save_quarantine(bad_orders().quarantine, tmp_path / "new" / "folder", "orders.2024")
    assert path == tmp_path / "new" / "folder" / "orders.2024.parquet"
    written = pd.read_parquet(path)
    assert list(written.columns) == ["row", "reason", "customer_id", "ordered_at", "amount"]
    assert written["reason"].tolist() == ["customer_id is missing"]


def test_nothing_to_set_aside_writes_nothing(tmp_path: Path) -> None:
    assert save_quarantine(clean(orders()).quarantine, tmp_path, "orders") is None
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_set_aside_takes_an_older_file_away(tmp_path: Path) -> None:
    older = save_quarantine(bad_orders().quarantine, tmp_path, "orders")
    other = save_quarantine(bad_orders().quarantine, tmp_path, "others")
    assert older is not None
    assert save_quarantine(clean(orders()).quarantine, tmp_path, "orders") is None
    assert list(tmp_path.iterdir()) == [other]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_quarantine(bad_orders().quarantine, tmp_path, "orders")
    assert path is not None
    before = path.read_bytes()

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StagecastError, match="No space"):
        save_quarantine(bad_orders().quarantine, tmp_path, "orders")
    assert [entry.name for entry in tmp_path.iterdir()] == ["orders.parquet"]
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\x00"])
def test_quarantine_is_no_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="file name"):
        save_quarantine(bad_orders().quarantine, tmp_path, name)


# -- files, from end to end ------------------------------------------------------------------------

HEADER = "customer_id,ordered_at,amount\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (HEADER, "no orders"),
        ("\n\n", "no column"),
        (HEADER + "a,2024-01-01,five\n", "amount = 'five'"),
        (HEADER + "a,2024-01-01,1\na,31/01/2024,1\na,Jan 31,1\n", "several formats"),
        (HEADER + ",2024-01-01,1\nnan,2024-01-02,1\n", "customer_id is missing (2)"),
        ("customer,ordered_at\na,2024-01-01\n", 'customer_id = "customer"'),
    ],
)
def test_bad_csv_gives_a_clear_message(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "o.csv").write_text(text)
    with pytest.raises(DataError) as caught:
        load_orders(tmp_path / "o.csv", STRICT, CLOCK, NOW)
    assert says in str(caught.value)


@given(st.binary(max_size=200) | st.text(alphabet='ab,;"\n\r2024-', max_size=100).map(str.encode))
@settings(max_examples=100, deadline=None)
def test_no_csv_ends_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"customer_id,ordered_at\n" * (len(content) % 2) + content)
    with contextlib.suppress(StagecastError):
        load_orders(path, LENIENT, CLOCK, NOW)


# -- real orders -----------------------------------------------------------------------------------

NAMES = [
    "online_retail_2",
    "cdnow",
    "completejourney",
    "btydplus_grocery",
    "yandex_household_store",
    "rfm_trad_flow",
    "groceries_dataset",
    "superstore",
    "clvtools_apparel",
]


def test_cdnow_passes_whole(cdnow_orders: pd.DataFrame) -> None:
    result = clean(cdnow_orders, STRICT)
    assert result.report.rows_kept == 69_659
    assert result.report.customers == 23_570
    assert result.report.notes["lines with amount 0"] == 80


def test_cdnow_as_text_is_the_same(cdnow_orders: pd.DataFrame, tmp_path: Path) -> None:
    cdnow_orders.to_csv(tmp_path / "o.csv.gz", index=False)
    result = load_orders(tmp_path / "o.csv.gz", STRICT, CLOCK, NOW)
    pd.testing.assert_frame_equal(result.orders, clean(cdnow_orders).orders)
    assert result.orders["customer_id"][0] == "00001"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_real_sets_pass_whole_and_unchanged(name: str, shared_data: Callable[[str], Path]) -> None:
    result = load_orders(shared_data(name), STRICT, CLOCK, NOW)
    expected = pq.read_table(shared_data(name)).to_pandas(ignore_metadata=True)
    expected = expected[[column for column in read_orders(expected, STRICT).columns if expected[column].notna().any()]]
    assert result.quarantine.empty
    pd.testing.assert_frame_equal(result.orders[expected.columns], expected)


@pytest.mark.slow
def test_known_oddities_of_online_retail(shared_data: Callable[[str], Path]) -> None:
    notes = load_orders(shared_data("online_retail_2"), STRICT, CLOCK, NOW).report.notes
    frame = pd.read_parquet(shared_data("online_retail_2")).drop(columns=["line_type", "country"])
    assert notes["lines exactly like another line"] == frame.duplicated().sum()
    assert notes["lines that are returns"] == frame["is_return"].sum()
    first = frame[~frame["is_return"]].groupby("customer_id")["ordered_at"].min()
    returns = frame[frame["is_return"]]
    purchased = returns["customer_id"].map(first)
    early = (purchased.isna() | (returns["ordered_at"] < purchased)).sum()
    assert notes["returns before the customer's first purchase"] == early


@pytest.mark.slow
def test_known_oddities_of_yandex(shared_data: Callable[[str], Path]) -> None:
    notes = load_orders(shared_data("yandex_household_store"), STRICT, CLOCK, NOW).report.notes
    assert notes["order ids shared by several customers"] == 29
