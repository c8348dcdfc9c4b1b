from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError
from features.orders import load_orders, stream_orders
from features.orders.span import EVER, Span

HAVANA = ClockConfig(timezone="America/Havana")  # its clocks change at midnight
TIMES = np.array(["2024-01-31T23:59:59.999999", "2024-02-01", "2024-02-29T12:00", "2024-03-01", "NaT"], "M8[us]")


def test_a_span_begins_on_its_first_day_and_ends_before_its_last() -> None:
    held = Span(date(2024, 2, 1), date(2024, 3, 1)).holds(TIMES)
    assert held.tolist() == [False, True, True, False, True]
    assert EVER.holds(TIMES).all()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_arrow_leaves_out_the_same_rows(unit: str) -> None:
    span = Span(date(2024, 2, 1), date(2024, 3, 1))
    table = pa.table({"at": pa.array(TIMES).cast(pa.timestamp(unit), safe=False)})
    within = span.expression(table.schema.field("at"))
    assert table.filter(within).to_pydict() == table.filter(pa.array(span.holds(TIMES))).to_pydict()


def test_days_of_a_date_column() -> None:
    table = pa.table({"at": [date(2024, 1, 31), date(2024, 2, 1), date(2024, 3, 1), None]})
    within = Span(date(2024, 2, 1), date(2024, 3, 1)).expression(table.schema.field("at"))
    assert table.filter(within)["at"].to_pylist() == [date(2024, 2, 1), None]


def test_text_is_not_compared() -> None:
    assert Span(until=date(2024, 3, 1)).expression(pa.field("at", pa.string())) is None
    assert EVER.expression(pa.field("at", pa.timestamp("us"))) is None


def test_instants_are_compared_with_local_midnight() -> None:
    shanghai = Span(date(2024, 2, 1), None, ClockConfig(timezone="Asia/Shanghai"))
    assert shanghai.edges(aware=True) == (datetime(2024, 1, 31, 16, tzinfo=UTC), None)
    assert shanghai.edges(aware=False) == (datetime(2024, 2, 1), None)


def test_a_midnight_that_comes_twice_or_never_leaves_nothing_out() -> None:
    twice, never = date(2024, 11, 3), date(2024, 3, 10)
    assert Span(twice, twice, HAVANA).edges(True) == (
        datetime(2024, 11, 3, 4, tzinfo=UTC),
        datetime(2024, 11, 3, 5, tzinfo=UTC),
    )
    assert Span(never, never, HAVANA).edges(True) == (
        datetime(2024, 3, 10, 4, tzinfo=UTC),
        datetime(2024, 3, 10, 5, tzinfo=UTC),
    )


def test_a_span_without_orders_is_named() -> None:
    frame = pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2024-01-01"]})
    with pytest.raises(DataError, match="no orders from 2024-01-02 on before 2024-02-01"):
        load_orders(frame, OrdersConfig(), ClockConfig(), span=Span(date(2024, 1, 2), date(2024, 2, 1)))


def test_a_stream_goes_by_the_span_too() -> None:
    table = pa.table({"customer_id": ["a", "b", None], "ordered_at": ["2024-01-01", "2024-01-02", "2024-01-03"]})
    found = stream_orders(table, OrdersConfig(), ClockConfig(), span=Span(until=date(2024, 1, 3)))
    assert sum(len(log) for log in found) == found.report.rows_read == 2


@pytest.mark.parametrize("written", ["text", "frame", "parquet"])
def test_the_door_goes_by_the_span_whatever_the_source(tmp_path: Path, written: str) -> None:
    at = ["1850-01-01", "2024-01-31 23:59", "2024-02-01", "2024-02-29", "2024-03-01", None]
    frame = pd.DataFrame({"customer_id": ["a", "b", None, "d", None, "f"], "ordered_at": at})
    if written != "text":
        frame["ordered_at"] = pd.to_datetime(frame["ordered_at"], format="ISO8601").astype("datetime64[us]")
    if written == "parquet":
        frame.to_parquet(tmp_path / "o.parquet")
    source = tmp_path / "o.parquet" if written == "parquet" else frame
    config, span = OrdersConfig(max_bad_share=0.9), Span(date(2024, 2, 1), date(2024, 3, 1))
    clean = load_orders(source, config, ClockConfig(), span=span)
    assert clean.orders["customer_id"].tolist() == ["d"]
    assert clean.report.rows_read == 3
    assert clean.report.reasons == {"customer_id is missing": 1, "ordered_at is missing": 1}
