"""Fewer rows that say the same."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from training.baselines.btyd import Histories
from training.baselines.btyd.thin import thin

rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=60).filter(
    lambda rows: sum(weight for *_, weight in rows) > 0
)


def columns(rows: list[tuple[int, int, int]]) -> tuple[list[np.ndarray], np.ndarray]:
    one, two, weight = np.array(rows, dtype=np.float64).T
    return [one, two], weight


@settings(max_examples=30)
@given(rows)
def test_equal_rows_become_one_with_their_weights_together(rows: list[tuple[int, int, int]]) -> None:
    (one, two), weight = thin(*columns(rows), rows=100)
    table = pd.DataFrame(rows, columns=["one", "two", "weight"])
    want = table[table["weight"] > 0].groupby(["one", "two"], as_index=False)["weight"].sum()

    np.testing.assert_array_equal(np.column_stack([one, two, weight]), want)


@settings(max_examples=30)
@given(rows, st.integers(1, 8), st.randoms())
def test_a_sample_has_the_weight_of_all_and_owes_nothing_to_order(
    rows: list[tuple[int, int, int]], most: int, chance: object
) -> None:
    kept, weight = thin(*columns(rows), rows=most)
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    again, same = thin(*columns(shuffled), rows=most)

    assert len(weight) <= most
    np.testing.assert_allclose(weight.sum(), sum(row[2] for row in rows), rtol=1e-12)
    assert set(zip(*kept, strict=True)) <= {(a, b) for a, b, w in rows if w > 0}
    np.testing.assert_array_equal(np.column_stack([*kept, weight]), np.column_stack([*again, same]))


def test_a_sample_keeps_to_the_shares_of_each_kind() -> None:
    rng = np.random.default_rng(0)
    frequency = rng.geometric(0.3, 100_000) - 1.0
    recency = np.where(frequency > 0, rng.uniform(1, 50, len(frequency)), 0)
    few = Histories.of(frequency, recency, np.full(len(frequency), 50.0)).thinned(1000)

    assert len(few) <= 1000
    for x in range(8):
        share = few.weight[few.frequency == x].sum() / few.weight.sum()
        assert abs(share - (frequency == x).mean()) <= 1.1 / 1000
