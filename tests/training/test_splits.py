"""Splits by time: gaps of a period, finished windows, ticks only."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from features.clock import Clock, to_date
from features.errors import DataError
from training.config import TrainingConfig
from training.splits import FEWEST_CUTOFFS, Split, split, thin

MONDAY = int(np.datetime64("2020-01-06", "D").astype(int))

spans = st.fixed_dictionaries(
    {
        "first_day": st.integers(MONDAY - 400, MONDAY + 400),
        "end": st.integers(0, 160).map(lambda weeks: MONDAY + 7 * weeks),
        "period": st.sampled_from([7, 14, 28, 56]),
        "config": st.builds(
            TrainingConfig,
            fit_weeks=st.integers(1, 60),
            calibrate_cutoffs=st.integers(1, 4),
            judge_cutoffs=st.integers(1, 8),
            min_history_weeks=st.integers(1, 30),
        ),
    }
)


def attempt(**span: object) -> Split | None:
    try:
        return split(**span)  # type: ignore[arg-type]
    except DataError:
        return None


@given(spans, st.sampled_from([None, 0, 2]))
def test_parts_follow_each_other_with_a_gap_of_a_period(span: dict, judge: int | None) -> None:
    found = attempt(**span, judge=judge)
    assume(found is not None)
    period, end = span["period"], span["end"]

    assert found.fit
    assert found.calibrate
    assert bool(found.judge) == (judge != 0)
    assert found.fit[-1] + period <= found.calibrate[0]
    spaced = found.calibrate + found.judge
    assert all(earlier + period <= later for earlier, later in pairwise(spaced))
    assert spaced[-1] + period == end


@given(spans)
def test_finished_are_all_ticks_from_the_first_fitted_to_the_last_calibrated(span: dict) -> None:
    found = attempt(**span)
    assume(found is not None)

    assert {*found.fit, *found.calibrate} <= set(found.finished)
    assert (found.finished[0], found.finished[-1]) == (found.fit[0], found.calibrate[-1])
    assert {later - earlier for earlier, later in pairwise(found.finished)} == {7}
    assert found.finished[-1] + span["period"] <= min(found.judge, default=span["end"])


@given(spans)
def test_cutoffs_are_ticks_after_enough_history(span: dict) -> None:
    found = attempt(**span)
    assume(found is not None)
    config, everything = span["config"], found.fit + found.calibrate + found.judge

    assert all(Clock().floor(cutoff) == cutoff for cutoff in everything)
    assert everything == sorted(set(everything))
    assert found.fit[0] >= span["first_day"] + 7 * config.min_history_weeks
    assert 1 <= len(found.fit) <= config.fit_weeks
    assert np.diff(found.fit).tolist() == [7] * (len(found.fit) - 1)
    assert len(found.calibrate) <= config.calibrate_cutoffs
    assert len(found.judge) <= config.judge_cutoffs


@given(spans)
def test_a_log_of_three_periods_after_its_history_is_enough_and_a_shorter_one_is_refused(span: dict) -> None:
    begin = span["first_day"] + 7 * span["config"].min_history_weeks
    assert (attempt(**span) is not None) == (span["end"] - begin >= 3 * span["period"])
    assert (attempt(**span, judge=0) is not None) == (span["end"] - begin >= 2 * span["period"])


@pytest.mark.parametrize(("judge", "needed"), [(None, 84 + 3 * 28), (0, 84 + 2 * 28)])
def test_the_refusal_says_how_long_the_log_is_and_how_long_it_must_be(judge: int | None, needed: int) -> None:
    config = TrainingConfig(min_history_weeks=12)
    split(MONDAY, MONDAY + needed, 28, config, judge)

    with pytest.raises(DataError) as refused:
        split(MONDAY, MONDAY + needed - 7, 28, config, judge)
    assert f"{needed - 7} days, from {to_date(MONDAY)}" in str(refused.value)
    assert f"at least {needed} days with a period of 28 days" in str(refused.value)


def test_a_long_log_has_all_that_is_configured() -> None:
    config = TrainingConfig(fit_weeks=52, calibrate_cutoffs=2, judge_cutoffs=3)
    found = split(MONDAY, MONDAY + 7 * 150, 28, config)

    assert (len(found.fit), len(found.calibrate), len(found.judge)) == (52, 2, 3)


@given(st.lists(st.integers(1, 500), min_size=1, max_size=60), st.integers(1, 5000))
def test_thinned_cutoffs_are_evenly_spaced_back_from_the_newest(rows: list[int], most: int) -> None:
    cutoffs = [MONDAY + 7 * k for k in range(len(rows))]
    found = thin(cutoffs, np.array(rows), most)
    left = sum(rows[cutoffs.index(cutoff)] for cutoff in found)

    assert found[-1] == cutoffs[-1]
    assert len(set(np.diff(found))) <= 1
    assert left <= most or len(found) <= 2 * FEWEST_CUTOFFS
    if sum(rows) <= most or len(rows) <= FEWEST_CUTOFFS:
        assert found == cutoffs


def test_thinning_goes_no_further_than_it_must() -> None:
    cutoffs = list(range(0, 7 * 12, 7))
    assert thin(cutoffs, np.full(12, 10), 60) == cutoffs[1::2]
    assert thin(cutoffs, np.full(12, 10), 59) == cutoffs[2::3]
