"""Several weeks together: overlaps count once, the interval holds, a fault that stays shows."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_grades import a_grade
from scipy.special import expit, logit
from scipy.stats import norm

from features.clock import WEEK, to_day
from features.grade import Promise
from training.forecasts import ORDER, REGRESSION, SPEND
from training.grading.lately import LATELY, QUARTER, Earlier, in_common

PERIOD = 28
DAYS = [10_080 + WEEK * week for week in range(13)]


def level(off: float, target: str = ORDER) -> Promise:
    """A week in which so much more came than was said, in log odds (log spend)."""
    found = 20 * np.exp(off) if target == SPEND else expit(logit(0.2) + off)
    promised = 20.0 if target == SPEND else 0.2
    return Promise(
        target=target, metric="observed", promised=promised, low=0, high=1, found=found, verdict="as promised"
    )


def together(offs: Sequence[float], room: float, target: str = ORDER) -> Promise:
    *before, now = (level(off, target) for off in offs)
    days = DAYS[: len(offs)]
    return Earlier({day: [one] for day, one in zip(days, before, strict=False)}, PERIOD).together(now, days[-1], room)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 80), min_size=1, max_size=6), st.integers(1, 40))
def test_what_periods_have_in_common_is_what_counting_days_shows(starts: list[int], period: int) -> None:
    days = [set(range(start, start + period)) for start in starts]
    shares = [len(one & other) / period for one in days for other in days]
    assert in_common(np.array(starts, dtype=float), period) == pytest.approx(np.mean(shares))


def test_the_interval_holds_as_often_as_it_says() -> None:
    """Days drawn independently, a week being the mean of its period: the theory, made."""
    rng = np.random.default_rng(3)
    shocks = rng.normal(0, np.sqrt(PERIOD), (600, QUARTER + PERIOD)) * 0.1
    weeks = np.stack([shocks[:, at : at + PERIOD].mean(axis=1) for at in range(0, QUARTER, WEEK)], axis=1)
    room = 0.1 * norm.ppf(0.95)
    held = [together(week, room).verdict == "as promised" for week in weeks.tolist()]
    assert 0.87 < np.mean(held) < 0.93


@pytest.mark.parametrize("target", [ORDER, REGRESSION, SPEND])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_fault_that_stays_shows_though_no_week_shows_it(target: str, sign: int) -> None:
    calm, off = together([0.2, -0.3, 0.25, -0.2] * 3, 0.4, target), together([0.3 * sign] * 13, 0.4, target)
    assert (calm.metric, calm.verdict, off.verdict) == (LATELY, "as promised", "worse")
    assert calm.low < calm.found < calm.high
    assert not off.low <= off.found <= off.high
    assert off.promised == pytest.approx(20 if target == SPEND else 0.2)


def test_only_the_quarter_before_counts() -> None:
    days = [date(2021, 1, 4), date(2021, 1, 11), date(2021, 3, 29), date(2021, 4, 5), date(2021, 4, 12)]
    grades = [a_grade(str(day)).model_copy(update={"promises": [level(0.1)]}) for day in days]
    earlier = Earlier.of(grades, to_day(days[3]), PERIOD)
    assert list(earlier.levels(ORDER)) == [to_day(day) for day in days[1:3]]
    assert not earlier.levels(SPEND)


def test_it_says_what_it_took_from_the_weeks_before() -> None:
    """So that a grade is found anew where one of them is, and only where a level changed."""
    one, same, other = (Earlier({DAYS[0]: promises}) for promises in ([level(0.1)], [level(0.1)], [level(0.2)]))
    assert str(one) == str(same) != str(other)
