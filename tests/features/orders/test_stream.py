"""Orders cleaned batch by batch are those cleaned as a whole, whatever the size of the batches."""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError
from features.orders import CleanOrders, OrderLog, OrderStream, clean, clean_orders, load_orders, stream, stream_orders
from features.orders.gate import LateFactError
from features.orders.notes import line_notes
from features.orders.span import Span

NOW, CLOCK = datetime(2024, 6, 15), ClockConfig()
LENIENT = OrdersConfig(max_bad_share=1)

CELLS: dict[str, list[str | None]] = {
    "customer_id": ["a", "b", " ", None, "é"],
    "ordered_at": ["2024-01-01", "2024-01-02T10:00", "2024-01-03T10:00+02:00", "soon", None],
    "order_id": ["1", "2", None],
    "quantity": ["1", "-1", "x", None],
    "unit_price": ["2.5", "0", None],
    "amount": ["2.5", "0", "-3", "inf", "five", None],
    "is_return": ["yes", "0", "?", None],
}
GOOD = {"customer_id": "c", "ordered_at": "2024-01-03T09:00+01:00", "amount": "2"}


@st.composite
def corrupt_orders(draw: st.DrawFn) -> pd.DataFrame:
    """Up to twenty lines of text, good and bad, whose facts about the whole may come late; one line is always good."""
    names = [*GOOD, *draw(st.sets(st.sampled_from([name for name in CELLS if name not in GOOD])))]
    lines = draw(st.lists(st.fixed_dictionaries({name: st.sampled_from(CELLS[name]) for name in names}), max_size=20))
    at = draw(st.integers(0, len(lines)))
    return pd.DataFrame([*lines[:at], GOOD, *lines[at:]], columns=names, dtype=object)


def whole(frame: pd.DataFrame, lines: int, config: OrdersConfig = LENIENT) -> CleanOrders:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clean, "LINES", lines)
        return clean_orders(frame, config, CLOCK, NOW)


def streamed(frame: pd.DataFrame, lines: int, config: OrdersConfig = LENIENT) -> tuple[list[OrderLog], OrderStream]:
    table = pa.table({name: pa.array(frame[name], pa.string(), from_pandas=True) for name in frame})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "LINES", lines)
        found = stream_orders(table, config, CLOCK, NOW)
    return list(found), found


@given(corrupt_orders(), st.integers(1, 8))
@settings(max_examples=30, deadline=None)
def test_the_size_of_batches_changes_nothing(frame: pd.DataFrame, lines: int) -> None:
    one, parts = whole(frame, 1_000), whole(frame, lines)
    pd.testing.assert_frame_equal(parts.orders, one.orders)
    pd.testing.assert_frame_equal(parts.quarantine, one.quarantine)
    assert parts.report == one.report


@given(corrupt_orders(), st.integers(1, 8))
@settings(max_examples=30, deadline=None)
def test_a_stream_hands_on_what_the_whole_holds_unless_facts_come_late(frame: pd.DataFrame, lines: int) -> None:
    expected = load_orders(frame, LENIENT, CLOCK, NOW)
    try:
        logs, stream = streamed(frame, lines)
    except LateFactError:
        assert len(frame) > lines
        return
    assert lines_of(pd.concat([log.frame() for log in logs if len(log)])) == lines_of(expected.orders)
    pd.testing.assert_frame_equal(stream.quarantine, expected.quarantine)
    line_by_line = {note for note, _ in line_notes(expected.log, 0)}
    told = {note: count for note, count in expected.report.notes.items() if note in line_by_line or "absent" in note}
    assert stream.report == replace(expected.report, customers=0)
    assert {note: count for note, count in stream.report.notes.items() if count} == told


def lines_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Lines without the cells that hold nothing."""
    rows = frame[[*sorted(frame.columns)]].to_dict("records")
    return [{name: cell for name, cell in row.items() if not pd.isna(cell)} for row in rows]


def orders(**columns: Any) -> pd.DataFrame:
    days = [f"2024-01-0{day}" for day in range(1, 7)]
    return pd.DataFrame({"customer_id": list("abcabc"), "ordered_at": days} | columns, dtype=object)


@pytest.mark.parametrize(
    ("frame", "says"),
    [
        (orders(ordered_at=["2024-01-01", *["2024-01-02T10:00+01:00"] * 5]), "no UTC offset, but later ones have"),
        (orders(amount=[None, None, None, None, "1", "1"]), "hold no amount, but later ones do"),
    ],
)
def test_what_comes_late_refuses_a_stream_and_sets_rows_of_a_whole_aside(frame: pd.DataFrame, says: str) -> None:
    with pytest.raises(DataError, match=says):
        streamed(frame, 1)
    assert whole(frame, 1).quarantine["row"].tolist() == whole(frame, 9).quarantine["row"].tolist() != []


def test_a_reader_that_can_be_read_once_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = orders(amount=[None, None, None, None, "1", "1"])
    reader = pa.table(frame).to_reader(max_chunksize=1)
    monkeypatch.setattr(clean, "LINES", 1)
    with pytest.raises(DataError, match="later ones do"):
        load_orders(reader, LENIENT, CLOCK, NOW)


def test_the_share_of_bad_rows_is_that_of_the_whole_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = orders(customer_id=[None, *"bcabc"])
    monkeypatch.setattr(stream, "LINES", 2)
    logs = iter(stream_orders(pa.table(frame), OrdersConfig(max_bad_share=0.1), CLOCK, NOW))
    assert [len(next(logs)) for _ in range(3)] == [1, 2, 2]
    with pytest.raises(DataError, match=r"1 of 6 rows are bad \(16.67%\)"):
        next(logs)


def test_a_stream_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="there are no orders"):
        streamed(orders().iloc[:0], 2)


def test_a_batch_brings_its_own_words_and_columns() -> None:
    logs, _ = streamed(orders(category=["toys", *[None] * 5], quantity=[None] * 5 + ["2"]), 2)
    assert [log.has for log in logs] == [{"category"}, set(), {"quantity"}]
    assert logs[1].text["customer_id"].words.to_pylist() == ["c", "a"]


def test_mixed_formats_are_told_from_the_first_rows_wherever_the_first_bad_one_is() -> None:
    frame = orders(ordered_at=["2024-01-01", "2024-01-02T10:00", *["2024-01-03"] * 3, "03/01/2024"])
    with pytest.raises(DataError, match=r"row 5.*several formats seem mixed"):
        streamed(frame, 3, OrdersConfig())


def test_rows_of_days_not_asked_for_tell_nothing_of_the_others() -> None:
    frame = orders(amount=[None, None, None, None, "1", "1"], customer_id=[None, *"bcabc"])
    asked = Span(since=date(2024, 1, 2), until=date(2024, 1, 5))
    for source in (frame, pa.table(frame)):
        cut = load_orders(source, LENIENT, CLOCK, NOW, asked)
        assert cut.log.has == set()
        assert (cut.report.rows_read, cut.report.rows_set_aside) == (3, 0)
        assert sum(map(len, stream_orders(source, LENIENT, CLOCK, NOW, asked))) == 3


def test_a_row_set_aside_keeps_its_place_where_days_are_left_out() -> None:
    frame = orders(customer_id=[*"abca", None, "c"])
    cut = load_orders(frame, LENIENT, CLOCK, NOW, Span(since=date(2024, 1, 3)))
    assert cut.quarantine["row"].tolist() == [4]


def test_text_in_views_is_judged_like_any_other() -> None:
    """Polars hands its text out as views, of which Arrow cannot take single rows."""
    text = pa.table({"customer_id": ["a", None, "b"], "ordered_at": ["2020-01-01", "2020-01-02", "no date"]})
    views = text.cast(pa.schema([(name, pa.string_view()) for name in text.column_names]))
    config = OrdersConfig(max_bad_share=0.9)
    plain, viewed = (load_orders(table, config, ClockConfig()) for table in (text, views))
    assert viewed.report == plain.report
    assert viewed.report.rows_set_aside == 2
    pd.testing.assert_frame_equal(viewed.quarantine, plain.quarantine)
