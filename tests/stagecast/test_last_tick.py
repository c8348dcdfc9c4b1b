"""The last tick is the newest cut-off that is not in the future, where the business is."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stagecast.config import Config
from stagecast.cutoffs import last_tick


@pytest.mark.parametrize(
    ("now", "timezone", "tick"),
    [
        ("2026-11-22T23:59", "UTC", "2026-11-16"),
        ("2026-11-23T00:00", "UTC", "2026-11-23"),
        ("2026-11-22T15:00", "Asia/Tokyo", "2026-11-23"),
        ("2026-11-23T04:59", "America/New_York", "2026-11-16"),
        ("2026-11-23T05:00", "America/New_York", "2026-11-23"),
    ],
)
def test_a_week_begins_where_the_business_is(now: str, timezone: str, tick: str) -> None:
    config = Config().overridden("clock", timezone=timezone)
    assert last_tick(config, datetime.fromisoformat(now).replace(tzinfo=UTC)) == tick


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["mon", "thu", "sun"]))
def test_it_is_a_tick_and_less_than_a_week_old(now: datetime, week_starts: str) -> None:
    config = Config().overridden("clock", week_starts=week_starts)
    tick = last_tick(config, now.replace(tzinfo=UTC))
    config.the_clock.tick(tick)
    assert timedelta(0) <= now - datetime.fromisoformat(tick) < timedelta(days=7)
