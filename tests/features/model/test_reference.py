"""The reference: bins against pandas, the distance against its definition, and what a training keeps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.model.reference import P_BINS, Distribution, Reference, count, distance, p_count

FEW = st.sampled_from([-1.0, 0.0, 0.5, 1.0, 7.0, np.inf, np.nan])
COUNTS = st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any)


@settings(max_examples=25)
@given(arrays(np.float64, st.integers(0, 30), elements=FEW), st.sets(st.sampled_from([-1.0, 0.0, 1.0, 3.0])))
def test_bins_are_those_of_pandas(values: np.ndarray, edges: set[float]) -> None:
    inner = sorted(edges)
    cut = pd.cut(pd.Series(values), [-np.inf, *inner, np.inf])
    expected = [*cut.value_counts(sort=False), int(cut.isna().sum())]

    assert count(values, np.array(inner)).tolist() == expected
    assert count(values.astype(np.float32), np.array(inner)).tolist() == expected


@given(arrays(np.float64, st.integers(0, 30), elements=st.floats(0, 1)))
def test_a_probability_lies_in_the_bin_that_holds_it(p: np.ndarray) -> None:
    found = p_count(p)

    assert found.sum() == len(p)
    assert found[-1] == (p * P_BINS >= P_BINS - 1).sum()


@given(COUNTS, COUNTS)
def test_the_distance_is_the_root_of_the_mean_information(one: list[int], other: list[int]) -> None:
    p, q = (np.array(counts) / sum(counts) for counts in (one, other))
    middle = (p + q) / 2
    information = sum(
        0.5 * float(x * np.log2(x / m)) for side in (p, q) for x, m in zip(side, middle, strict=True) if x > 0
    )

    assert distance(one, other) == pytest.approx(np.sqrt(max(information, 0)), abs=1e-7)
    assert distance(one, other) == distance(np.array(one) * 3, other)


def test_distances_at_the_ends() -> None:
    assert distance([1, 0, 2], [2, 0, 4]) == distance([0, 0, 0], [2, 0, 4]) == 0
    assert distance([1, 0, 0], [0, 0, 5]) == pytest.approx(1)


@given(arrays(np.float64, 20, elements=FEW), st.integers(0, 20))
def test_the_counts_of_two_groups_add_up(values: np.ndarray, first: int) -> None:
    reference = Reference(features={"x": Distribution(edges=(0.0, 1.0), counts=(1, 1, 1, 1), normal=())})
    table = pd.DataFrame({"x": values, "unasked": values})
    parts = [reference.count(part)["x"] for part in (table[:first], table[first:])]

    assert reference.count(table) == {"x": tuple(np.sum(parts, axis=0).tolist())}
