"""Kaplan-Meier against the product-limit formula in exact fractions, and against numbers worked out by hand."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.stages.survival import kaplan_meier

WAITS = st.lists(st.tuples(st.integers(1, 12), st.booleans()), max_size=40)


def product_limit(waits: list[tuple[int, bool]], fewest: int) -> dict[int, Fraction]:
    """S(t) at every time with a return: the product of (1 - returns / still waiting) so far."""
    curve, share = {}, Fraction(1)
    for time in sorted({wait for wait, returned in waits if returned}):
        still_waiting = sum(wait >= time for wait, _ in waits)
        returns = sum(wait == time and returned for wait, returned in waits)
        if still_waiting >= fewest:
            share *= 1 - Fraction(returns, still_waiting)
            curve[time] = share
    return curve


def arrays(waits: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([w for w, _ in waits], dtype=np.int64), np.array([r for _, r in waits], dtype=bool)


@given(WAITS, st.sampled_from([1, 5, 10]))
def test_the_curve_is_the_product_limit(waits: list[tuple[int, bool]], fewest: int) -> None:
    got, want = kaplan_meier(*arrays(waits), fewest), product_limit(waits, fewest)
    assert got.times.tolist() == list(want)
    np.testing.assert_allclose(got.waiting, [float(share) for share in want.values()], rtol=1e-12)
    assert got.events == sum(returned and wait in want for wait, returned in waits)


@given(WAITS, st.sampled_from(["0.5", "0.8", "0.9", "0.975"]))
def test_a_quantile_is_the_first_time_by_which_that_share_of_the_returning_is_back(
    waits: list[tuple[int, bool]], q: str
) -> None:
    got, curve = kaplan_meier(*arrays(waits)).quantile(float(q)), product_limit(waits, 1)
    if not curve:
        assert np.isnan(got)
        return
    returning = 1 - min(curve.values())
    assert got == min(time for time, share in curve.items() if 1 - share >= Fraction(q) * returning)


def test_by_hand() -> None:
    waits = [(1, True), (2, True), (2, True), (3, False), (4, True), (6, False)]
    curve = kaplan_meier(*arrays(waits))
    assert curve.times.tolist() == [1, 2, 4]
    np.testing.assert_allclose(curve.waiting, [5 / 6, 1 / 2, 1 / 4])
    assert curve.returning == 0.75
    assert [curve.quantile(q) for q in (0.2, 0.5, 0.7, 1.0)] == [1, 2, 4, 4]


def test_the_waiting_count_as_waiting() -> None:
    back = [(5, True)] * 10
    assert kaplan_meier(*arrays(back)).returning == 1
    assert kaplan_meier(*arrays(back + [(9, False)] * 30)).returning == pytest.approx(0.25)


def test_nobody_came_back() -> None:
    curve = kaplan_meier(*arrays([(3, False), (9, False)]))
    assert curve.returning == 0
    assert curve.events == 0
    assert np.isnan(curve.quantile(0.5))
