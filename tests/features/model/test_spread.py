"""The interval of spend: quantiles of a mixture of nothing and multiples of what is expected, against drawn ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from features.model.spread import COVERAGE, Spread

multiples = st.lists(st.floats(-2, 20), min_size=2, max_size=8).map(sorted).map(tuple)
spreads = st.builds(
    lambda border, rows: Spread(borders=(border,), multiples=tuple(rows)),
    st.floats(0.1, 0.9),
    st.lists(multiples, min_size=2, max_size=2),
)
chances = st.floats(1e-6, 1).map(lambda p: np.array([p]))
money = st.floats(0.01, 1e6).map(lambda e: np.array([e]))


@given(spreads, chances, money, st.tuples(st.floats(0.01, 0.99), st.floats(0.01, 0.99)).map(sorted))
def test_quantiles_ascend_with_the_level(spread: Spread, p: np.ndarray, expected: np.ndarray, levels: list) -> None:
    lower, upper = (spread.quantile(p, expected, level)[0] for level in levels)
    assert lower <= upper + 1e-9 * abs(upper)


@given(spreads, chances, money, st.floats(0.1, 10))
def test_the_unit_of_money_changes_nothing(spread: Spread, p: np.ndarray, expected: np.ndarray, unit: float) -> None:
    one, other = (np.array(spread.interval(p, e)) for e in (expected, unit * expected))
    np.testing.assert_allclose(unit * one, other, rtol=1e-9)


@given(multiples.filter(lambda row: row[0] >= 0), st.floats(1e-6, 0.0999), money)
def test_who_hardly_orders_has_nothing_on_either_side(row: tuple, p: float, expected: np.ndarray) -> None:
    assert Spread(borders=(), multiples=(row,)).interval(np.array([p]), expected) == (0.0, 0.0)


@pytest.mark.parametrize("p", [0.05, 0.3, 0.7, 0.97, 1.0])
@pytest.mark.parametrize("row", [(0.1, 0.8, 1.0, 3.0), (-2.0, -0.5, 1.0, 2.5)])
def test_against_drawn_spend(p: float, row: tuple[float, ...]) -> None:
    """Somebody orders with p; what is then spent is drawn from the quantile function itself."""
    rng, draws, expected = np.random.default_rng(1), 200_000, 30.0
    drawn = expected / p * np.interp(rng.random(draws), np.linspace(0, 1, len(row)), row) * (rng.random(draws) < p)
    low, high = (float(end[0]) for end in Spread(borders=(), multiples=(row,)).interval(*np.array([[p], [expected]])))

    for level, end in zip(((1 - COVERAGE) / 2, (1 + COVERAGE) / 2), (low, high), strict=True):
        assert (drawn < end - 0.01).mean() <= level + 0.004
        assert (drawn <= end + 0.01).mean() >= level - 0.004


def test_each_group_has_its_own_multiples() -> None:
    spread = Spread(borders=(0.5,), multiples=((1.0, 1.0), (2.0, 2.0)))
    p = np.array([0.4, 0.5, 0.9])
    np.testing.assert_allclose(spread.quantile(p, p, 0.95), [1, 2, 2])


@pytest.mark.parametrize(
    ("borders", "rows"), [((0.5,), ((1, 2),)), ((), ((2, 1),)), ((), ((1,),)), ((0.6, 0.5), ((1, 2),) * 3), ((), ())]
)
def test_what_is_no_spread_is_refused(borders: tuple, rows: tuple) -> None:
    with pytest.raises(ValidationError):
        Spread(borders=borders, multiples=rows)
