"""The paired bootstrap: its estimates by hand, its laws, and whether its intervals hold what they promise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import roc_auc_score

from features.errors import StagecastError
from training.bootstrap import Interval, Ranking, Resampling, paired_auroc_interval, paired_interval

Floats = NDArray[np.float64]

FEW = Resampling(resamples=200, seed=7)
laws = settings(deadline=None, derandomize=True, max_examples=60)


def bounds(interval: Interval) -> tuple[float, float, float]:
    return interval.estimate, interval.low, interval.high


@pytest.fixture
def judged() -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Outcome, two scores and the customer of 400 rows of 100 customers."""
    rng = np.random.default_rng(0)
    customers = rng.permutation(np.repeat(np.arange(100), 4))
    y = (rng.random(400) < 0.3).astype(float)
    good = y + rng.normal(size=400)
    return y, good, np.round(good + rng.normal(size=400)), customers


ranked = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8), st.integers(0, 3)), min_size=2, max_size=50).map(
    lambda rows: np.array(rows, dtype=np.float64).T
)


@laws
@given(ranked.filter(lambda rows: 0 < rows[0] @ rows[2] < rows[2].sum()))
def test_weighted_auroc_agrees_with_sklearn(rows: Floats) -> None:
    y, score, weights = rows
    assert Ranking.of(y, score).auroc(weights) == pytest.approx(roc_auc_score(y, score, sample_weight=weights))


def test_estimates_are_plain_differences(judged: tuple[Floats, Floats, Floats, NDArray[np.int64]]) -> None:
    y, a, b, customers = judged
    assert paired_interval(a, b, customers, FEW).estimate == pytest.approx(a.mean() - b.mean())
    difference = roc_auc_score(y, a) - roc_auc_score(y, b)
    assert paired_auroc_interval(y, a, b, customers, FEW).estimate == pytest.approx(difference)


def test_the_draws_are_the_bootstrap_of_rows_by_hand() -> None:
    rng = np.random.default_rng(1)
    loss, customers = rng.normal(size=60), np.repeat(["b", "a", "c"], [10, 20, 30])
    groups = [loss[customers == name] for name in ("a", "b", "c")]
    drawn = (np.concatenate([np.tile(g, int(n)) for g, n in zip(groups, w, strict=True)]) for w in FEW.weights(3))
    low, high = np.quantile([rows.mean() for rows in drawn], [0.025, 0.975])
    interval = paired_interval(loss, np.zeros(60), customers, FEW)
    assert (interval.low, interval.high) == pytest.approx((low, high))


def test_a_model_does_not_differ_from_itself(judged: tuple[Floats, Floats, Floats, NDArray[np.int64]]) -> None:
    y, a, _, customers = judged
    assert paired_interval(a, a, customers, FEW) == Interval(0, 0, 0)
    assert paired_auroc_interval(y, a, 2 * a + 1, customers, FEW) == Interval(0, 0, 0)
    assert not paired_interval(a, a, customers, FEW).excludes_zero


def test_swapping_the_models_mirrors_the_interval(judged: tuple[Floats, Floats, Floats, NDArray[np.int64]]) -> None:
    y, a, b, customers = judged
    there, back = paired_interval(a, b, customers, FEW), paired_interval(b, a, customers, FEW)
    assert bounds(back) == pytest.approx((-there.estimate, -there.high, -there.low))
    there, back = paired_auroc_interval(y, a, b, customers, FEW), paired_auroc_interval(y, b, a, customers, FEW)
    assert bounds(back) == pytest.approx((-there.estimate, -there.high, -there.low))


def test_names_and_order_of_rows_are_idle(judged: tuple[Floats, Floats, Floats, NDArray[np.int64]]) -> None:
    y, a, b, customers = judged
    names = np.array([f"customer {number:03}" for number in customers], dtype=object)
    back = slice(None, None, -1)
    plain, named = paired_interval(a, b, customers, FEW), paired_interval(a[back], b[back], names[back], FEW)
    assert bounds(named) == pytest.approx(bounds(plain))
    plain = paired_auroc_interval(y, a, b, customers, FEW)
    named = paired_auroc_interval(y[back], a[back], b[back], names[back], FEW)
    assert bounds(named) == pytest.approx(bounds(plain))


def test_repeating_rows_of_known_customers_adds_no_certainty(
    judged: tuple[Floats, Floats, Floats, NDArray[np.int64]],
) -> None:
    y, a, b, customers = (np.tile(column, 3) for column in judged)
    once = judged
    assert bounds(paired_interval(a, b, customers, FEW)) == pytest.approx(bounds(paired_interval(*once[1:], FEW)))
    tripled, single = paired_auroc_interval(y, a, b, customers, FEW), paired_auroc_interval(*once, FEW)
    assert bounds(tripled) == pytest.approx(bounds(single))


@pytest.mark.slow
def test_the_loss_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(2)
    customers, hits = np.repeat(np.arange(150), rng.integers(1, 8, 150)), 0
    for seed in range(300):
        shared = rng.normal(0.1, 1, 150)[customers]  # what rows of a customer have in common
        loss = shared + rng.normal(size=len(customers))
        interval = paired_interval(loss, np.zeros_like(loss), customers, Resampling(250, seed))
        hits += interval.low <= 0.1 <= interval.high
    assert 0.92 <= hits / 300 <= 0.975


@pytest.mark.slow
def test_the_auroc_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(3), 0
    customers = np.repeat(np.arange(150), 2)
    for seed in range(200):
        y = np.repeat(rng.random(150) < 0.4, 2)
        common = np.repeat(rng.normal(size=150), 2) + y
        a, b = common + rng.normal(size=300), common + rng.normal(size=300)  # equally good, so the truth is 0
        hits += not paired_auroc_interval(y, a, b, customers, Resampling(200, seed)).excludes_zero
    assert 0.91 <= hits / 200 <= 0.985


def test_a_single_customer_settles_nothing() -> None:
    for interval in (
        paired_interval([1, 2], [0, 0], ["x", "x"]),
        paired_auroc_interval([0, 1], [1, 2], [2, 1], [5, 5]),
    ):
        assert np.isnan([interval.low, interval.high]).all()
        assert not interval.excludes_zero


def test_one_class_leaves_the_auroc_unknown() -> None:
    interval = paired_auroc_interval([1, 1, 1], [1, 2, 3], [3, 2, 1], [1, 2, 3], FEW)
    assert np.isnan(bounds(interval)).all()
    assert not interval.excludes_zero


def test_draws_of_one_class_are_left_out() -> None:
    interval = paired_auroc_interval([0, 1, 1], [1, 2, 3], [3, 2, 1], [1, 2, 3], FEW)
    assert bounds(interval) == (1, 1, 1)


def test_a_seed_fixes_the_interval(judged: tuple[Floats, Floats, Floats, NDArray[np.int64]]) -> None:
    _, a, b, customers = judged
    assert paired_interval(a, b, customers, FEW) == paired_interval(a, b, customers, Resampling(200, 7))
    assert paired_interval(a, b, customers, FEW) != paired_interval(a, b, customers, Resampling(200, 8))


def test_a_wider_level_gives_a_wider_interval(judged: tuple[Floats, Floats, Floats, NDArray[np.int64]]) -> None:
    _, a, b, customers = judged
    narrow, wide = (paired_interval(a, b, customers, Resampling(200, 7, level)) for level in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_an_interval_reads_well_and_knows_its_sign() -> None:
    assert str(Interval(0.00431, 0.0005, 0.0084)) == "+0.0043 [+0.0005, +0.0084]"
    assert Interval(0.1, 0.05, 0.2).excludes_zero
    assert Interval(-0.1, -0.2, -0.05).excludes_zero
    assert not Interval(0.1, -0.05, 0.2).excludes_zero


@pytest.mark.parametrize(
    ("a", "b", "customers"),
    [
        ([1, np.nan], [1, 2], [1, 2]),
        ([1, 2], [np.inf, 2], [1, 2]),
        ([1, 2, 3], [1, 2], [1, 2]),
        ([1, 2], [1, 2], [1, 2, 3]),
        ([1, 2], [1, 2], ["x", None]),
        ([], [], []),
    ],
)
def test_unusable_rows_are_refused(a: ArrayLike, b: ArrayLike, customers: ArrayLike) -> None:
    with pytest.raises(StagecastError, match="allowed:"):
        paired_interval(a, b, customers)
    with pytest.raises(StagecastError, match="allowed:"):
        paired_auroc_interval([0, 1], a, b, customers)


def test_outcomes_that_are_not_binary_are_refused() -> None:
    with pytest.raises(StagecastError, match="0 and 1"):
        paired_auroc_interval([0, 2], [1, 2], [2, 1], [1, 2])


@pytest.mark.parametrize("resampling", [(0, 0, 0.95), (10, 0, 1.0), (10, 0, 0.0)])
def test_nothing_to_resample_is_refused(resampling: tuple[int, int, float]) -> None:
    with pytest.raises(StagecastError, match="resamples"):
        Resampling(*resampling)
