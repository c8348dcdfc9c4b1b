"""Which cut-offs a backtest has, and what may be learnt at each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import WEEK, Clock
from features.config import FeatureConfig, StageConfig
from features.errors import DataError, UsageError
from training.backtest.origins import origins
from training.config import Recipe, TrainingConfig

FIRST = Clock().floor(14_000)


def recipe(period: int = 28, **settings: int) -> Recipe:
    return Recipe(Clock(), StageConfig(), FeatureConfig(), TrainingConfig(**settings), period)


@given(
    weeks=st.integers(25, 300),
    wanted=st.integers(1, 20),
    period=st.sampled_from([7, 14, 28, 91]),
    calibrates=st.integers(1, 3),
    fit_weeks=st.integers(1, 60),
)
def test_nothing_that_is_learnt_from_overlaps_what_judges(
    weeks: int, wanted: int, period: int, calibrates: int, fit_weeks: int
) -> None:
    end = FIRST + weeks * WEEK
    settings = recipe(period, calibrate_cutoffs=calibrates, fit_weeks=fit_weeks)
    earliest = FIRST + settings.training.min_history_weeks * WEEK
    room = (end - earliest) // period - 2
    if room < 1:
        with pytest.raises(DataError, match="too short for a backtest"):
            origins(FIRST, end, wanted, settings)
        return
    found = origins(FIRST, end, wanted, settings)
    cutoffs = [origin.cutoff for origin in found]

    assert len(found) == min(wanted, room)
    assert cutoffs == list(range(cutoffs[0], end, period))
    assert cutoffs[-1] + period == end
    for origin in found:
        fit, calibrate = origin.past.fit, origin.past.calibrate
        assert earliest <= fit[0] <= fit[-1] <= calibrate[0] - period
        assert calibrate == list(range(calibrate[0], origin.cutoff, period))
        assert calibrate[-1] + period == origin.cutoff
        assert origin.past.judge == []


def test_one_week_decides_between_a_backtest_and_none() -> None:
    shortest = FIRST + 12 * WEEK + 3 * 28
    assert len(origins(FIRST, shortest, 12, recipe())) == 1
    with pytest.raises(DataError) as refused:
        origins(FIRST, shortest - WEEK, 12, recipe())
    assert refused.value.exit_code == 3
    assert "at least 168 days" in str(refused.value)
    assert "got: 161 days, from" in str(refused.value)


@pytest.mark.parametrize("wanted", [0, -1])
def test_no_cutoff_is_no_backtest(wanted: int) -> None:
    with pytest.raises(UsageError, match="needs a cut-off"):
        origins(FIRST, FIRST + 700, wanted, recipe())
