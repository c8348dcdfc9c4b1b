"""8. An order counts once, in the windows it lies in: the first instant is within, the cut-off is not."""

from collections.abc import Callable

import pandas as pd
import pytest

import stagecast
from features.errors import DataError
from stagecast.config import Config

CUTOFF = "2024-03-04"
"""A Monday after a leap day; four weeks before it is the 5th of February."""

INSTANTS = {
    "2024-02-04 23:59:59.999999": 0,
    "2024-02-05 00:00:00": 1,
    "2024-02-29 12:00:00": 1,
    "2024-03-03 23:59:59.999999": 1,
    "2024-03-04 00:00:00": 0,
    "2024-03-04 00:00:00.000001": 0,
}
"""Instants, and whether an order then lies in the four weeks before the cut-off."""

Count = Callable[[pd.DataFrame], pd.Series]


def orders() -> pd.DataFrame:
    """A customer for each instant, and each has one old order besides, so that all are known."""
    ids = [f"c{at}" for at in range(len(INSTANTS))]
    old = pd.DataFrame({"customer_id": ids, "ordered_at": pd.Timestamp("2023-01-02"), "amount": 1.0})
    return pd.concat([old, old.assign(ordered_at=pd.to_datetime(list(INSTANTS), format="ISO8601"))], ignore_index=True)


def counted(table: pd.DataFrame) -> pd.Series:
    found = stagecast.features(table, [CUTOFF], select=["order_days_4w"])
    return found.set_index("customer_id")["order_days_4w"]


def promise(count: Count) -> None:
    assert count(orders()).astype(int).tolist() == list(INSTANTS.values()), "a window has another edge"


def test_windows_are_half_open() -> None:
    promise(counted)


@pytest.mark.parametrize("shift", ["1us", "-1us"])
def test_a_window_that_is_moved_by_a_microsecond_is_noticed(shift: str) -> None:
    def moved(table: pd.DataFrame) -> pd.Series:
        return counted(table.assign(ordered_at=table["ordered_at"] + pd.Timedelta(shift)))

    with pytest.raises(AssertionError, match="another edge"):
        promise(moved)


def test_a_line_that_is_repeated_is_one_order_day() -> None:
    twice = pd.concat([orders(), orders()], ignore_index=True)
    assert counted(twice).astype(int).tolist() == list(INSTANTS.values())


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 1e308, -1e308])
def test_money_that_is_none_is_set_aside_and_counted(amount: float) -> None:
    table = orders()
    table.loc[0, "amount"] = amount
    with pytest.raises(DataError, match="amount"):
        stagecast.check(table)
    report = stagecast.check(table, Config().overridden("orders", max_bad_share=0.5)).report
    assert (report.rows_read, report.rows_set_aside) == (len(table), 1)


@pytest.mark.parametrize("when", ["1677-09-22", "1969-12-31", "2262-04-11", "9999-12-31"])
def test_times_at_the_limits_are_set_aside_and_counted(when: str) -> None:
    table = orders()
    table["ordered_at"] = table["ordered_at"].astype(str)
    table.loc[0, "ordered_at"] = when
    report = stagecast.check(table, Config().overridden("orders", max_bad_share=0.5)).report
    assert (report.rows_read, report.rows_set_aside) == (len(table), 1)
