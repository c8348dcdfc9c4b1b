from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history.prices import UsualPrices, is_cheap
from features.orders.coded import Coded

Line = tuple[str | None, int, float]


def columns(lines: Sequence[Line]) -> tuple[Coded, np.ndarray, np.ndarray]:
    """Product, day and price of lines."""
    words = sorted({name for name, _, _ in lines if name is not None}, reverse=True)
    codes = np.array([words.index(name) if name is not None else -1 for name, _, _ in lines], dtype=np.int32)
    day, price = np.array([d for _, d, _ in lines], dtype=np.int32), np.array([p for _, _, p in lines], dtype=float)
    return Coded(codes, pa.array(words, pa.large_string())), day, price


def relative(lines: Sequence[Line]) -> list[float]:
    return UsualPrices.of(*columns(lines)).relative(*columns(lines)).tolist()


def running(*prices: float) -> list[float]:
    """Log ratios of prices on days running."""
    return relative([("p", day, price) for day, price in enumerate(prices)])


def plain_relative(lines: Sequence[Line], line: Line) -> float:
    """Log ratio to the mean of what was paid on earlier days, the slow way."""
    name, day, price = line
    paid = [p for n, d, p in lines if n == name and n is not None and d < day and p > 0]
    return float(np.log(np.clip(price / np.mean(paid), 0.1, 10))) if paid and price > 0 else float("nan")


LINES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", None]),
        st.sampled_from([-400, 0, 1, 2, 3, 40, 41]),
        st.sampled_from([1.0, 3.0, 0.25, np.nan, 0.0]),
    )
)


@given(LINES)
@settings(max_examples=60)
def test_the_usual_price_is_the_mean_of_earlier_days(lines: list[Line]) -> None:
    assert relative(lines) == pytest.approx([plain_relative(lines, line) for line in lines], nan_ok=True)


@given(LINES, LINES)
@settings(max_examples=40)
def test_prices_of_two_parts_add_up(some: list[Line], others: list[Line]) -> None:
    both, one, two = (UsualPrices.of(*columns(lines)) for lines in (some + others, some, others))
    asked = columns([(name, day, 1.0) for name in ("a", "b", "never seen", None) for day in (-400, 2, 39, 41, 42)])
    np.testing.assert_array_equal((one + two).relative(*asked), both.relative(*asked))
    np.testing.assert_array_equal((two + one).relative(*asked), both.relative(*asked))


def test_later_days_change_nothing() -> None:
    assert running(10.0, 8.0, 1000.0)[1] == running(10.0, 8.0)[1]


def test_a_ratio_is_clipped_to_a_factor_of_ten() -> None:
    assert running(1.0, 1e6, 1e-3)[1:] == [np.log(10), -np.log(10)]


@pytest.mark.parametrize(("price", "cheap"), [(9.0, True), (9.01, False), (8.99, True), (10.0, False), (1.0, True)])
def test_exactly_ten_percent_below_is_cheap(price: float, cheap: bool) -> None:
    assert is_cheap(np.array(running(10.0, price))).tolist() == [False, cheap]


def test_a_usual_price_of_nothing_is_no_comparison() -> None:
    assert np.isnan(running(1e-9, 5.0)).all()
    assert running() == []
