"""The order log says the same as the frame it is made from, and as the frame it makes."""

import dataclasses
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from features.config import ClockConfig, OrdersConfig
from features.orders import OrderLog, clean_orders

FRAME = pd.DataFrame(
    {
        "customer_id": ["b", "a", "b", "c"],
        "ordered_at": ["2024-01-02 10:00", "2024-01-01", "2024-01-03", "2024-02-01"],
        "product_id": ["p", None, "q", "p"],
        "category": [None, None, None, "toys"],
        "amount": [1.5, -2.0, 0.0, 3.0],
        "discount": [np.nan, np.nan, np.nan, 1.0],
    }
)
LAST = 19_754  # 2024-02-01


@pytest.fixture
def log() -> OrderLog:
    return clean_orders(FRAME, OrdersConfig(), ClockConfig(), datetime(2024, 6, 15)).log


def test_log_and_frame_are_two_forms_of_one_thing(log: OrderLog) -> None:
    frame = log.frame()
    assert frame["customer_id"].tolist() == FRAME["customer_id"].tolist()
    assert frame["is_return"].tolist() == [False, True, False, False]
    pd.testing.assert_frame_equal(OrderLog.of(frame).frame(), frame)


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_times_of_a_frame_may_have_any_unit(log: OrderLog, unit: str) -> None:
    frame = log.frame()
    other = frame.assign(ordered_at=frame["ordered_at"].astype(f"datetime64[{unit}]"))
    pd.testing.assert_frame_equal(OrderLog.of(other).frame(), frame)


def test_before_a_day_only_what_was_known_by_then_is_left(log: OrderLog) -> None:
    earlier = log.before(LAST)
    assert len(earlier) == 3
    assert earlier.has == {"product_id", "amount"}
    assert sorted(earlier.text["customer_id"].words.to_pylist()) == ["a", "b"]
    assert len(log.before(LAST + 1)) == len(log) == 4


def test_rows_are_taken_by_mask_or_by_position(log: OrderLog) -> None:
    masked, placed = log.rows(log.is_return), log.rows(np.array([1]))
    pd.testing.assert_frame_equal(masked.frame(), placed.frame())
    assert masked.frame().to_dict("list") == {
        "customer_id": ["a"],
        "ordered_at": [pd.Timestamp("2024-01-01")],
        "amount": [-2.0],
        "is_return": [True],
    }


def test_only_some_columns_can_be_kept(log: OrderLog) -> None:
    assert log.only(["amount", "order_id"]).has == {"amount"}
    assert list(log.only([]).frame()) == ["customer_id", "ordered_at", "is_return"]


def test_an_id_of_a_frame_is_a_word_even_if_it_looks_missing(log: OrderLog) -> None:
    frame = log.frame().assign(customer_id=["nan", "", "None", "b"])
    assert OrderLog.of(frame).frame()["customer_id"].tolist() == ["nan", "", "None", "b"]


def test_a_log_is_frozen(log: OrderLog) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        log.is_return = ~log.is_return  # type: ignore[misc]
