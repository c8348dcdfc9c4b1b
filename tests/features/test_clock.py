from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from features.clock import Clock, parse_period, stamps, to_date, to_day, weekday_name
from features.config import ClockConfig
from features.errors import UsageError

WEEKDAYS = {
    **{"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday"},
    **{"fri": "Friday", "sat": "Saturday", "sun": "Sunday"},
}


@pytest.mark.parametrize(("short", "name"), WEEKDAYS.items())
def test_a_clock_ticks_once_a_week_on_its_weekday(short: str, name: str) -> None:
    clock = Clock.of(ClockConfig.model_validate({"week_starts": short}))
    assert weekday_name(clock.week_starts) == name
    for day in range(-1000, 1000, 37):
        tick = clock.floor(day)
        assert tick <= day < tick + 7
        assert f"{to_date(tick):%A}" == name
        assert clock.after(day) == tick + 7
        assert clock.tick(to_date(tick).isoformat()) == tick


def test_days_are_counted_from_1970() -> None:
    assert to_day(date(1970, 1, 1)) == 0
    assert to_day(date(1969, 12, 31)) == -1
    assert to_date(to_day(date(2011, 6, 6))) == date(2011, 6, 6)
    assert stamps(np.array([0, 15131])).tolist() == [datetime(1970, 1, 1), datetime(2011, 6, 6)]


@pytest.mark.parametrize("day", range(1, 7))
def test_a_day_between_two_ticks_is_told_both(day: int) -> None:
    asked = date(2011, 6, 6) + timedelta(days=day)
    with pytest.raises(UsageError) as error:
        Clock().tick(asked)
    message = str(error.value)
    for said in ("must be a Monday", f"{asked.isoformat()}, a {asked:%A}", "2011-06-06 or 2011-06-13"):
        assert said in message
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    "same",
    ["2011-06-06", " 2011-06-06\n", "20110606", "2011-06-06T00:00:00", date(2011, 6, 6), datetime(2011, 6, 6)],
)
def test_a_date_may_be_written_in_several_ways(same: str | date) -> None:
    assert Clock().tick(same) == 15131


def test_stamps_of_numpy_and_pandas_are_dates_too() -> None:
    assert Clock().tick(pd.Timestamp("2011-06-06")) == 15131
    assert Clock().tick(np.datetime64("2011-06-06")) == 15131  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "monday", "06/06/2011", "2011-13-01", "2011-02-30", "6.6.2011", "now", "NaT"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="must be a date") as error:
        Clock().tick(text)
    assert repr(text) in str(error.value)
    assert "YYYY-MM-DD" in str(error.value)


@pytest.mark.parametrize("text", ["2011-06-06 09:00", "2011-06-06T00:00:00+00:00", "2011-06-06T00:00:00.000001"])
def test_a_time_of_day_or_a_zone_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="local midnight"):
        Clock().tick(text)


@pytest.mark.parametrize("text", ["0001-01-01", "1899-12-25", "9999-12-31"])
def test_a_year_far_from_any_order_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="near the orders"):
        Clock().tick(text)


@pytest.mark.parametrize(("text", "days"), [("28d", 28), ("4w", 28), (" 2 w ", 14), ("7d", 7)])
def test_a_period_is_whole_weeks(text: str, days: int) -> None:
    assert parse_period(text) == days


@pytest.mark.parametrize("text", ["", "28", "30d", "0w", "-4w", "4 weeks", "1.5w", "d"])
def test_another_period_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="whole weeks"):
        parse_period(text)
