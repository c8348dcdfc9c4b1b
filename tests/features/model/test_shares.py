"""Shapley values against their definition, order by order."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from features.model.shares import shapley_values

numbers = st.floats(-3, 3)
three = st.tuples(numbers, numbers, numbers)


def value(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.exp(x) * y + np.maximum(z, x * y)


@given(three, st.lists(three, min_size=1, max_size=4))
def test_the_mean_over_all_orders_of_change(begin: tuple[float, ...], ends: list[tuple[float, ...]]) -> None:
    found = shapley_values([np.array([one]) for one in begin], list(np.array(ends).T), value)
    for row, end in enumerate(ends):
        expected = np.zeros(3)
        for order in permutations(range(3)):
            now = list(begin)
            for place in order:
                before = value(*map(np.asarray, now))
                now[place] = end[place]
                expected[place] += (value(*map(np.asarray, now)) - before) / 6
        np.testing.assert_allclose([one[row] for one in found], expected, atol=1e-9)


@given(three, three)
def test_they_sum_to_the_difference(begin: tuple[float, ...], end: tuple[float, ...]) -> None:
    one, other = ([np.array([x]) for x in several] for several in (begin, end))
    np.testing.assert_allclose(sum(shapley_values(one, other, value)), value(*other) - value(*one), atol=1e-9)
