import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.fixed import running
from features.history.door import rows_at, rows_before, rows_come
from features.past.bounds import NOTHING, largest_between, sums_between

STARTS = np.array([0, 3, 3, 8])
DAY = np.array([1, 5, 9, 0, 2, 2, 7, 30], dtype=np.int32)
ASKED = st.lists(st.tuples(st.integers(0, 2), st.integers(-5, 40)), max_size=12)


@given(ASKED, st.booleans())
def test_rows_before_a_day_whatever_the_order_of_the_questions(asked: list[tuple[int, int]], ordered: bool) -> None:
    asked = sorted(asked) if ordered else asked
    customer = np.array([c for c, _ in asked], dtype=np.int64)
    until = np.array([day for _, day in asked], dtype=np.int64)
    rows = np.empty(len(asked), dtype=np.int64)
    rows_before(STARTS, DAY, customer, until, rows)
    for (c, day), row in zip(asked, rows, strict=True):
        assert row == STARTS[c] + (DAY[STARTS[c] : STARTS[c + 1]] < day).sum()


@given(ASKED, st.integers(0, 50), st.lists(st.integers(0, 11)), st.booleans())
def test_rows_come_step_by_step(asked: list[tuple[int, int]], ago: int, places: list[int], ordered: bool) -> None:
    customer, until = (np.array([pair[k] for pair in sorted(asked)], dtype=np.int64) for k in (0, 1))
    begins = np.append(np.unique(customer, return_index=True)[1], len(customer))
    rows, place, row = (np.full(len(customer) + 1, -1) for _ in range(3))
    rows_before(STARTS, DAY, customer, until - ago, rows)
    steps = rows_come(STARTS, DAY, (customer, until, begins), ago, (place, row))
    moved = (np.diff(rows[:-1], prepend=-1) != 0) | np.isin(np.arange(len(customer)), begins)
    assert place[: steps + 1].tolist() == [*np.flatnonzero(moved), len(customer)]
    assert row[:steps].tolist() == rows[:-1][moved].tolist()
    at = np.array([p for p in (sorted(places) if ordered else places) if p < len(customer)], dtype=np.int64)
    found = np.empty(len(at), dtype=np.int64)
    rows_at((place[: steps + 1], row[:steps]), at, found)
    assert found.tolist() == rows[at].tolist()


RANGES = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)).map(sorted), max_size=12)
VALUES = st.lists(st.tuples(st.integers(0, 1), st.integers(-3, 3)), min_size=8, max_size=8)


@given(RANGES, VALUES, st.booleans())
def test_the_largest_of_each_range_of_rows(ranges: list[list[int]], rows: list[tuple[int, int]], slides: bool) -> None:
    if slides:
        ranges = [list(pair) for pair in zip(*(sorted(ends) for ends in zip(*ranges, strict=True)), strict=True)]
    first, last = (np.array([r[k] for r in ranges], dtype=np.int64) for k in (0, 1))
    counts, values = (np.array([row[k] for row in rows], dtype=np.int64) for k in (0, 1))
    found = np.empty(len(ranges), dtype=np.int64)
    largest_between((counts, values), first, last, found)
    for one, (begin, end) in zip(found, ranges, strict=True):
        assert one == max(values[begin:end][counts[begin:end] > 0], default=NOTHING)


@given(RANGES)
def test_sums_are_differences_of_running_totals(ranges: list[list[int]]) -> None:
    values = np.arange(-3, 5)
    first, last = (np.array([r[k] for r in ranges], dtype=np.int64) for k in (0, 1))
    sums = np.empty(len(ranges))
    sums_between(running(values), (first, last), 4.0, sums)
    assert sums.tolist() == [values[begin:end].sum() / 4 for begin, end in ranges]
