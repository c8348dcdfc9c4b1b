"""Every rule with a planted fault, and every way of parsing."""

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError, UsageError
from features.orders import CleanOrders, clean_orders, read_orders
from features.orders.rules import RULES

NOW = datetime(2024, 6, 15, 12, 0)
LENIENT = OrdersConfig(max_bad_share=1)
DAYS = [f"2024-01-{day:02d}" for day in range(1, 29)]


def clean(config: OrdersConfig = LENIENT, timezone: str = "UTC", **columns: Any) -> CleanOrders:
    """Clean a table of these columns, ids and times filled in where not given."""
    rows = len(next(iter(columns.values())))
    filled = {"customer_id": ["c"] * rows, "ordered_at": DAYS[:rows], **columns}
    frame = pd.DataFrame({name: pd.Series(values) for name, values in filled.items()})
    result = clean_orders(read_orders(frame, config), config, ClockConfig(timezone=timezone), NOW)
    assert len(result.orders) + len(result.quarantine) == rows
    return result


def reasons(result: CleanOrders) -> dict[int, str]:
    return dict(zip(result.quarantine["row"], result.quarantine["reason"], strict=True))


PLANTED: dict[str, tuple[dict[str, list[Any]], str]] = {
    "customer_id is missing": ({"customer_id": ["c", None]}, "customer_id is missing"),
    "ordered_at is missing": ({"ordered_at": [DAYS[0], None]}, "ordered_at is missing"),
    "ordered_at is not a time": ({"ordered_at": [DAYS[0], "soon"]}, "ordered_at is not a time (soon)"),
    "ordered_at has no UTC offset, though other rows have one": (
        {"ordered_at": ["2024-01-01T00:00Z", "2024-01-01T00:00"]},
        "ordered_at has no UTC offset, though other rows have one (2024-01-01T00:00)",
    ),
    "ordered_at is too early": ({"ordered_at": [DAYS[0], "1900-01-01"]}, "ordered_at is too early (1900-01-01)"),
    "ordered_at is in the future": (
        {"ordered_at": [DAYS[0], "9999-12-31"]},
        "ordered_at is in the future (9999-12-31)",
    ),
    "amount is missing and cannot be computed": (
        {"amount": [1.0, None]},
        "amount is missing and cannot be computed",
    ),
    "is_return is neither yes nor no": (
        {"is_return": ["yes", "perhaps"]},
        "is_return is neither yes nor no (perhaps)",
    ),
}
for _name in ("quantity", "unit_price", "amount", "discount"):
    _text = f"{_name} is not a number"
    PLANTED[_text] = ({_name: ["1", "a few"]}, f"{_text} (a few)")
    _large = f"{_name} is infinite or too large"
    PLANTED[_large] = ({_name: [1.0, -2e9]}, f"{_large} (-2000000000.0)")


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_rule_catches_its_fault_alone(rule: object) -> None:
    columns, reason = PLANTED[str(rule)]
    result = clean(**columns)
    assert reasons(result) == {1: reason}
    assert result.report.reasons == {str(rule): 1}


# -- ids -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, np.nan, pd.NA, "", "  ", "\t\n", "\u3000", "nan", "NaN", "NULL", "None", "NA"])
def test_no_customer(value: object) -> None:
    assert list(reasons(clean(customer_id=[value, "c"]))) == [0]


@pytest.mark.parametrize(
    "ids",
    [
        ["00123", "123", " 123", "é", "e\u0301", "😀", "=1+1", "../../etc/passwd", "a\x00b", "x" * 10_000, "Null Ida"],
        ["a", "a", "b"],
    ],
)
@pytest.mark.parametrize("dtype", ["str", "object", "category", "string"])
def test_ids_survive_letter_for_letter(ids: list[str], dtype: str) -> None:
    result = clean(customer_id=pd.Series(ids, dtype=dtype), product_id=pd.Series(ids, dtype=dtype))
    assert result.orders["customer_id"].tolist() == ids
    assert result.orders["product_id"].tolist() == ids
    assert result.orders["customer_id"].dtype == pd.StringDtype("pyarrow", na_value=np.nan)


@pytest.mark.parametrize("dtype", ["int64", "Int64", "int64[pyarrow]", "uint64", "object", "category"])
def test_whole_number_ids_become_their_digits(dtype: str) -> None:
    ids = pd.Series([7, 9007199254740993, 7], dtype=dtype)
    assert clean(customer_id=ids).orders["customer_id"].tolist() == ["7", "9007199254740993", "7"]


def test_mixed_objects_become_text() -> None:
    assert clean(customer_id=pd.Series(["a", 1, 2**70], dtype=object)).orders["customer_id"].tolist() == [
        "a",
        "1",
        str(2**70),
    ]


@pytest.mark.parametrize(
    ("ids", "hint"),
    [([1.0, np.nan], 'astype("Int64")'), ([1.5, 2.0], "loses digits"), ([np.inf, 1.0], "loses digits")],
)
@pytest.mark.parametrize("column", ["customer_id", "order_id", "product_id", "category"])
def test_float_ids_are_refused(ids: list[float], hint: str, column: str) -> None:
    with pytest.raises(DataError, match=column) as caught:
        clean(**{column: ids})
    assert hint in str(caught.value)


def test_null_orders_products_and_categories_are_fine() -> None:
    result = clean(order_id=["1", None], product_id=[None, "p"], category=[" ", "k"])
    assert result.quarantine.empty
    assert result.orders.isna().sum().sum() == 3


# -- times -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_of_every_unit(unit: str) -> None:
    times = pd.Series(pd.to_datetime(["2024-01-01 10:00:01", "2024-01-02 00:00:00"])).astype(f"datetime64[{unit}]")
    result = clean(ordered_at=times)
    assert result.orders["ordered_at"].dtype == np.dtype("datetime64[us]")
    assert result.orders["ordered_at"].tolist() == times.tolist()


@pytest.mark.parametrize(
    "values",
    [
        ["2024-01-31", "2024-01-31T10:30:00.123456789", "20240131", " 2024-01-31 10:30 "],
        [date(2024, 1, 31), date(2024, 2, 1), None],
        [datetime(2024, 1, 31, 5), pd.Timestamp("2024-01-31"), "2024-01-31"],
        pd.Series(["2024-01-31", "2024-01-31"], dtype="category"),
        pd.Series(pd.array([date(2024, 1, 31)], dtype=pd.ArrowDtype(pa.date32()))),
        pd.Series(pd.array([1706659200000], dtype="int64").astype(pd.ArrowDtype(pa.date64()))),
        pd.Series(pd.to_datetime(["2024-01-31"])).astype("category"),
    ],
)
def test_times_of_many_kinds(values: Any) -> None:
    result = clean(ordered_at=values)
    assert result.report.rows_set_aside == pd.isna(pd.Series(values)).sum()
    assert result.orders["ordered_at"].dt.normalize().isin(pd.to_datetime(["2024-01-31", "2024-02-01"])).all()


INSTANTS = pd.Series(pd.to_datetime(["2024-03-10T06:59Z", "2024-03-10T07:00Z", "2023-11-05T05:30Z"]))
NEW_YORK = ["2024-03-10 01:59", "2024-03-10 03:00", "2023-11-05 01:30"]


@pytest.mark.parametrize(
    "values",
    [
        INSTANTS,
        INSTANTS.dt.tz_convert("Asia/Tokyo"),
        INSTANTS.dt.tz_convert("America/New_York"),
        INSTANTS.dt.as_unit("ns").astype(pd.ArrowDtype(pa.timestamp("ns", "+09:00"))),
        ["2024-03-10T06:59Z", "2024-03-10T16:00+09:00", "2023-11-05 01:30:00-0400"],
        ["2024-03-10T06:59:00+00", "2024-03-10T07:00:00.000Z", "20231105T053000Z"],
        [
            datetime(2024, 3, 10, 6, 59, tzinfo=UTC),
            datetime(2024, 3, 10, 16, tzinfo=timezone(timedelta(hours=9))),
            datetime(2023, 11, 5, 5, 30, tzinfo=UTC),
        ],
    ],
)
def test_instants_become_local_times(values: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    result = clean(timezone="America/New_York", ordered_at=values)
    assert result.orders["ordered_at"].tolist() == list(pd.to_datetime(NEW_YORK))


def test_naive_times_stay_as_they_are() -> None:
    result = clean(timezone="America/New_York", ordered_at=["2024-03-10 02:30"])  # a time no clock there showed
    assert result.orders["ordered_at"].tolist() == [pd.Timestamp("2024-03-10 02:30")]


def test_rubbish_with_an_offset_does_not_make_the_others_bad() -> None:
    assert list(reasons(clean(ordered_at=["soon T10:00+02:00", "2024-01-01T10:00"]))) == [0]


@pytest.mark.parametrize("value", ["1677-01-01", "0001-01-01T00:00Z", "9999-12-31T23:59:59-05:00", "99999-01-01"])
def test_times_out_of_range_are_bad_rows(value: str) -> None:
    assert list(reasons(clean(ordered_at=[value, "2024-01-01T00:00Z" if "T" in value else "2024-01-01"]))) == [0]


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_stamps_far_outside_are_bad_rows(unit: str) -> None:
    good = np.datetime64("2024-01-01", unit).astype(int)
    stamps = pd.Series(np.array([2**62, -(2**62), good], dtype=f"datetime64[{unit}]"))
    assert list(reasons(clean(ordered_at=stamps))) == [0, 1]


def test_the_day_after_tomorrow_is_the_future() -> None:
    times = ["2024-06-15T12:00", "2024-06-16T23:59:59", "2024-06-17"]
    assert list(reasons(clean(ordered_at=times))) == [2]


def test_now_is_told_in_the_zone_of_the_business() -> None:
    frame = pd.DataFrame({"customer_id": ["c"], "ordered_at": ["2024-06-17"]})
    noon = datetime(2024, 6, 15, 12, tzinfo=UTC)  # already the 16th on Kiritimati
    kept = clean_orders(frame, LENIENT, ClockConfig(timezone="Pacific/Kiritimati"), noon)
    assert len(kept.orders) == 1


def test_date_format() -> None:
    config = OrdersConfig(date_format="%d/%m/%Y %H:%M", max_bad_share=1)
    result = clean(config, ordered_at=["31/01/2024 10:00", "2024-01-31 10:00", "01/31/2024 10:00"])
    assert result.orders["ordered_at"].tolist() == [pd.Timestamp("2024-01-31 10:00")]


def test_date_format_with_offset() -> None:
    config = OrdersConfig(date_format="%Y-%m-%d %H:%M %z", max_bad_share=1)
    result = clean(config, "Asia/Tokyo", ordered_at=["2024-01-31 10:00 +0000", "2024-01-31 10:00 +0900"])
    assert result.orders["ordered_at"].dt.hour.tolist() == [19, 10]


def test_whole_numbers_are_dates_only_by_a_format() -> None:
    days = [20240131, 20240201]
    with pytest.raises(DataError, match=r"20240131(.|\n)*orders.date_format"):
        clean(ordered_at=days)
    result = clean(OrdersConfig(date_format="%Y%m%d"), ordered_at=days)
    assert result.orders["ordered_at"].dt.day.tolist() == [31, 1]


def test_three_formats_give_a_hint() -> None:
    with pytest.raises(DataError) as caught:
        clean(OrdersConfig(), ordered_at=["2024-01-31", "31/01/2024", "Jan 31, 2024"])
    message = str(caught.value)
    assert "several formats seem mixed: '2024-01-31', '31/01/2024', 'Jan 31, 2024'" in message
    assert "orders.date_format" in message


@pytest.mark.parametrize("pattern", ["ISO8601", "mixed", "%Q", ""])
def test_date_format_that_is_none(pattern: str) -> None:
    with pytest.raises(UsageError, match=r"orders\.date_format"):
        clean(OrdersConfig(date_format=pattern), ordered_at=DAYS[:2])


@pytest.mark.parametrize(
    ("config", "zone", "match"),
    [(OrdersConfig(earliest="long ago"), "UTC", "earliest"), (OrdersConfig(), "Mars/Olympus", "timezone")],
)
def test_configuration_that_cannot_be_right(config: OrdersConfig, zone: str, match: str) -> None:
    with pytest.raises(UsageError, match=match):
        clean(config, zone, ordered_at=DAYS[:2])


# -- numbers and flags -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        (["1", "-2.5", " +3e2 ", ".5"], [1, -2.5, 300, 0.5]),
        ([Decimal("1.10"), None, Decimal("-3")], [1.1, np.nan, -3]),
        (pd.Series([1, None], dtype="Int64"), [1, np.nan]),
        (pd.Series([True, False]), [1, 0]),
        (pd.Series(["1", "2"], dtype="category"), [1, 2]),
        (pd.Series([1.5, 2.5], dtype="category"), [1.5, 2.5]),
        (pd.Series([1.5, None], dtype="float32"), [1.5, np.nan]),
        (pd.Series([1, 2.5, "3"], dtype=object), [1, 2.5, 3]),
        (["1", "", "NaN"], [1, np.nan, np.nan]),
    ],
)
def test_numbers_of_many_kinds(values: Any, numbers: list[float]) -> None:
    result = clean(quantity=values)
    assert result.quarantine.empty
    np.testing.assert_array_equal(result.orders["quantity"], numbers)
    assert result.orders["quantity"].dtype == np.float64


@pytest.mark.parametrize("value", ["1,5", "1,000.00", "£5", "0x10", "1_000", "--1", "1e", "e5", ".", "five", "\uff11"])
def test_text_in_a_number_is_named(value: str) -> None:
    assert reasons(clean(quantity=["1", value])) == {1: f"quantity is not a number ({value})"}


@pytest.mark.parametrize("value", ["inf", "-Infinity", "1e400", "1e308", "-1000000001"])
def test_infinite_and_huge_numbers(value: str) -> None:
    assert reasons(clean(amount=["1", value])) == {1: f"amount is infinite or too large ({value})"}


def test_amount_is_computed_where_it_is_missing() -> None:
    result = clean(quantity=[2, 3, -1], unit_price=[1.5, 1.5, 1.5], amount=[None, 10.0, None])
    assert result.orders["amount"].tolist() == [3.0, 10.0, -1.5]
    assert result.orders["is_return"].tolist() == [False, False, True]
    assert result.report.notes["amounts computed as quantity times unit_price"] == 2


def test_amount_is_computed_where_there_is_none() -> None:
    result = clean(quantity=[2, 3], unit_price=[1.5, None])
    assert reasons(result) == {1: "amount is missing and cannot be computed"}


def test_a_product_that_overflows_is_too_large() -> None:
    result = clean(quantity=[1e300, 1], unit_price=[1e300, 1])
    assert "amount is infinite or too large" in reasons(result)[0]


def test_text_in_an_amount_is_not_computed_over() -> None:
    assert reasons(clean(quantity=[1, 1], unit_price=[1, 1], amount=["1", "x"])) == {1: "amount is not a number (x)"}


def test_columns_that_hold_nothing_count_as_absent() -> None:
    empty = {"amount": [None] * 2, "quantity": [np.nan] * 2, "category": ["", " "], "order_id": [np.nan] * 2}
    result = clean(**empty, is_return=[None, None])
    assert list(result.orders.columns) == ["customer_id", "ordered_at", "is_return"]
    assert "amount" in next(note for note in result.report.notes if note.startswith("columns absent"))


@pytest.mark.parametrize(
    "values",
    [
        [True, False, None],
        [1, 0, None],
        [1.0, 0.0, None],
        ["TRUE", "false", ""],
        ["Yes", "no", None],
        ["1", "0.0", "nan"],
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series(["y", "n", None], dtype="category"),
    ],
)
def test_flags_of_many_kinds_with_the_sign_where_silent(values: Any) -> None:
    result = clean(is_return=values, amount=[1.0, -1.0, -1.0])
    assert result.orders["is_return"].tolist() == [True, False, True]
    assert result.orders["is_return"].dtype == bool


def test_sign_of_quantity_tells_a_return() -> None:
    assert clean(quantity=[1, -1]).orders["is_return"].tolist() == [False, True]


@pytest.mark.parametrize("column", ["customer_id", "ordered_at", "amount", "is_return"])
@pytest.mark.parametrize(
    "values",
    [
        pd.Series([[1], [2]]),
        pd.Series([{"a": 1}, {"a": 2}]),
        pd.Series([1j, 2j]),
        pd.Series([timedelta(1), timedelta(2)]),
        pd.Series([b"\xff", b"a"]),
        pd.Series([[1], [2]], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
        pd.Series(pd.period_range("2024", periods=2, freq="D")),
        pd.Series(pd.interval_range(0, 2)),
        pd.Series(["\ud800", "a"], dtype=object),
    ],
    ids=lambda values: str(values.dtype),
)
def test_columns_of_no_use_never_end_in_a_traceback(column: str, values: pd.Series) -> None:
    with contextlib.suppress(DataError):
        clean(**{column: values})
