import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.errors import DataError
from features.fixed import from_fixed, running, to_fixed


@given(st.lists(st.decimals(-10_000, 10_000, places=6), max_size=20))
def test_six_places_are_kept_exactly(numbers: list) -> None:
    fixed = to_fixed([float(number) for number in numbers], "amount")
    assert fixed.tolist() == [int(number * 1_000_000) for number in numbers]
    assert from_fixed(fixed).tolist() == [float(number) for number in numbers]


def test_what_is_missing_counts_as_nothing() -> None:
    assert to_fixed([1.5, np.nan, -0.25], "amount").tolist() == [1_500_000, 0, -250_000]


@pytest.mark.parametrize("values", [[1e13], [5e12, 5e12], [5e12, -5e12], [np.inf], [-np.inf]])
def test_what_cannot_be_summed_exactly_is_refused(values: list[float]) -> None:
    with pytest.raises(DataError, match="column 'amount' is too large") as error:
        to_fixed(values, "amount")
    assert "largest_amount" in str(error.value)
    assert "9.22e+12" in str(error.value)


def test_the_largest_sum_still_fits() -> None:
    fixed = to_fixed([9e12], "amount")
    assert running(fixed)[-1] == 9_000_000_000_000_000_000


@given(st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=30), st.data())
def test_a_difference_of_running_totals_is_the_sum_even_when_they_wrap_around(
    numbers: list[int], data: st.DataObject
) -> None:
    totals = running(np.array(numbers, dtype=np.int64))
    first = data.draw(st.integers(0, len(numbers) - 1))
    assert totals[first + 1] - totals[first] == numbers[first]
    assert totals[0] == 0
    assert len(totals) == len(numbers) + 1
