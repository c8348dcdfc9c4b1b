import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history.dealing import deal, deal_in_time, gather

LINES = st.lists(st.tuples(st.integers(0, 4), st.integers(-3, 3)), max_size=40)


@given(LINES)
@settings(max_examples=50)
def test_lines_are_sorted_by_code_and_keep_their_order(lines: list[tuple[int, int]]) -> None:
    code = np.array([code for code, _ in lines], dtype=np.int32)
    given_order = np.arange(len(lines), dtype=np.int32)[::-1]
    dealt, starts = deal(code, 5, given_order)
    assert dealt.tolist() == sorted(given_order.tolist(), key=lambda line: lines[line][0])
    assert starts.tolist() == [sum(code < k for code, _ in lines) for k in range(6)]


@given(LINES)
@settings(max_examples=50)
def test_lines_of_a_code_are_sorted_in_time(lines: list[tuple[int, int]]) -> None:
    code = np.array([code for code, _ in lines], dtype=np.int32)
    dealt, _ = deal_in_time(code, 5, np.array([moment for _, moment in lines], dtype=np.int64))
    assert dealt.tolist() == sorted(range(len(lines)), key=lambda line: lines[line])


def test_values_are_gathered_as_they_are() -> None:
    places = np.array([2, 0, 2], dtype=np.int32)
    for values in (np.array([1.5, 2.5, np.nan]), np.array([True, False, False]), np.array([7, 8, 9], dtype=np.int32)):
        found = gather(values, places)
        np.testing.assert_array_equal(found, values[places])
        assert found.dtype == values.dtype
