"""Passes over rows: exact where the numbers allow it, and safe with the largest money there can be."""

import numpy as np
import pytest

from features.fixed import UNIT, Ints
from features.past.rows import Pass, day_of_most, last_day_with, most, peaks, slope, slope_by_number, spread

DAY = np.array([3, 5, 9, 10, 20], dtype=np.int32)
ORDER_DAY = np.array([1, 1, 0, 1, 1])
ALL = (np.array([0]), np.array([5]))


def found(walk: Pass, *measures: Ints, window: tuple[Ints, Ints] = ALL) -> list[float]:
    result = np.empty(len(window[0]))
    walk(DAY, measures, *window, result)
    return result.tolist()


@pytest.mark.parametrize("value", [0, 1, -7, 333_333, 10**15 + 1])
def test_the_same_value_every_day_neither_spreads_nor_slopes(value: int) -> None:
    same = np.full(5, value)
    assert found(spread, ORDER_DAY, same) == [0.0]
    assert found(slope, ORDER_DAY, same) == [0.0]
    assert found(slope_by_number, ORDER_DAY, same) == [0.0]


def test_a_line_has_its_slope() -> None:
    assert found(slope, ORDER_DAY, 7 * DAY.astype(np.int64) - 100) == [7.0]
    assert found(slope_by_number, ORDER_DAY, np.array([99, 10, 99, 13, 16])) == [3.0]


def test_one_order_day_has_no_spread_and_two_have_no_slope_of_gaps() -> None:
    value = np.arange(5)
    assert np.isnan(found(spread, ORDER_DAY, value, window=(np.array([1, 2]), np.array([3, 3])))).all()
    assert np.isnan(found(slope, ORDER_DAY, value, window=(np.array([1, 2]), np.array([3, 3])))).all()
    assert np.isnan(found(slope_by_number, ORDER_DAY, value, window=(np.array([0]), np.array([3])))).all()


def test_money_at_the_limit_of_what_can_be_summed_does_not_wrap() -> None:
    half = np.iinfo(np.int64).max // 2
    value = np.array([half, 0, 0, 0, half])
    assert found(spread, ORDER_DAY, value) == [pytest.approx(half / 2)]
    assert found(spread, ORDER_DAY, value) == [pytest.approx(4.6e12 * UNIT / 2, rel=0.01)]
    assert np.isfinite(found(slope, ORDER_DAY, value)).all()


def test_only_order_days_count_and_the_latest_of_equals_is_taken() -> None:
    value = np.array([5, -1, 99, 5, -2])
    assert found(most, ORDER_DAY, value) == [5.0]
    assert found(day_of_most, ORDER_DAY, value) == [10.0]
    assert found(last_day_with, value) == [10.0]
    assert found(last_day_with, value, window=(np.array([2, 1]), np.array([3, 2])))[0] == 9.0
    assert np.isnan(found(last_day_with, value, window=(np.array([1]), np.array([2])))).all()


@pytest.mark.parametrize("walk", [most, day_of_most, last_day_with])
def test_a_window_asked_again_has_the_same_answer(walk: Pass) -> None:
    measures = (np.array([5, -1, 99, 5, -2]),) if walk is last_day_with else (ORDER_DAY, np.array([5, -1, 99, 5, -2]))
    windows = (np.array([1, 1, 0, 0, 0]), np.array([3, 3, 3, 3, 5]))
    alone = [found(walk, *measures, window=(windows[0][k : k + 1], windows[1][k : k + 1]))[0] for k in range(5)]
    assert found(walk, *measures, window=windows) == alone


@pytest.mark.parametrize("width", [1, 2, 5, 6, 100])
def test_a_peak_is_the_largest_window_whether_walked_on_or_anew(width: int) -> None:
    value = np.array([2, 4, -1, 3, 1])
    ends = np.array([1, 2, 2, 4, 5, 3, 5])
    window = (np.zeros(len(ends), dtype=np.int64), ends)
    result = np.empty(len(ends), dtype=np.int64)
    peaks(width, DAY, (ORDER_DAY, value), window, result)
    runs = [value[(day >= DAY) & (DAY + width > day)].sum() for day in DAY]
    assert result.tolist() == [max(r for r, o in zip(runs[:end], ORDER_DAY[:end], strict=True) if o) for end in ends]
