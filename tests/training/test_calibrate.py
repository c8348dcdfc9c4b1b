"""Calibration maps beside scikit-learn's, and where there is too little to fit one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from features.model.calibration import BetaMap
from training import metrics
from training.calibrate import FEWEST, fit_beta, fit_map, levels, spend_scale

Arrays = tuple[np.ndarray, np.ndarray]
GRID = np.linspace(0.01, 0.99, 99)


def logit(p: np.ndarray) -> np.ndarray:
    return np.log(p) - np.log1p(-p)


def sample(rows: int, a: float, b: float, c: float, seed: int = 0) -> Arrays:
    """Raw probabilities, and outcomes drawn from the calibrated ones."""
    rng = np.random.default_rng(seed)
    raw = rng.beta(2, 3, rows)
    return raw, rng.random(rows) < BetaMap(a=a, b=b, c=c)(raw)


class Logits(ClassifierMixin, BaseEstimator):
    """A fitted classifier whose decision value is its one column."""

    def __init__(self) -> None:
        self.classes_ = np.array([0, 1])

    def fit(self, *_: object) -> "Logits":
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return x[:, 0] > 0

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        return x[:, 0]


def test_near_to_sigmoid_calibration_where_that_is_the_truth() -> None:
    raw, outcome = sample(20_000, a=1.4, b=1.4, c=-0.5)
    sigmoid = CalibratedClassifierCV(FrozenEstimator(Logits()), method="sigmoid").fit(logit(raw)[:, None], outcome)

    ours, theirs = fit_beta(raw, outcome)(GRID), sigmoid.predict_proba(logit(GRID)[:, None])[:, 1]
    np.testing.assert_allclose(ours, theirs, atol=0.02)


def test_finds_the_map_that_made_the_outcomes() -> None:
    raw, outcome = sample(60_000, a=0.6, b=1.5, c=0.4)

    np.testing.assert_allclose(fit_beta(raw, outcome)(GRID), BetaMap(a=0.6, b=1.5, c=0.4)(GRID), atol=0.01)


def test_the_map_lowers_the_log_loss_of_what_it_was_fitted_on() -> None:
    raw, outcome = sample(2_000, a=2.0, b=0.5, c=-1.0)

    assert metrics.log_loss(outcome, fit_beta(raw, outcome)(raw)) < metrics.log_loss(outcome, raw) - 0.05


@given(st.integers(0, 10_000), st.floats(-2, 2), st.floats(-2, 2), st.floats(-2, 2))
@settings(max_examples=60)
def test_slopes_are_never_negative_and_the_mean_is_right(seed: int, a: float, b: float, c: float) -> None:
    rng = np.random.default_rng(seed)
    raw = rng.uniform(0.02, 0.98, 400)
    outcome = rng.random(400) < 1 / (1 + np.exp(-(a * np.log(raw) - b * np.log1p(-raw) + c)))
    found = fit_beta(raw, outcome)

    assert found.a >= 0
    assert found.b >= 0
    if FEWEST <= outcome.sum() <= len(outcome) - FEWEST:
        assert found(raw).mean() == pytest.approx(outcome.mean(), abs=1e-3)


def test_forecasts_that_are_the_wrong_way_round_become_the_base_rate() -> None:
    raw, outcome = sample(3_000, a=1.0, b=1.0, c=0.0)
    found = fit_beta(1 - raw, outcome)

    assert (found.a, found.b) == (0, 0)
    assert found(GRID) == pytest.approx(outcome.mean(), abs=1e-3)


@pytest.mark.parametrize("happened", [1, 12, FEWEST - 1])
@pytest.mark.parametrize("rare", [True, False], ids=["few yes", "few no"])
def test_few_outcomes_move_the_level_alone(happened: int, rare: bool) -> None:
    raw = np.random.default_rng(1).beta(2, 3, 1_000)
    outcome = np.arange(1_000) < happened
    found = fit_beta(raw, outcome if rare else ~outcome)

    assert (found.a, found.b) == (1, 1)
    assert found(raw).mean() == pytest.approx((outcome if rare else ~outcome).mean(), rel=1e-6)


def test_with_enough_outcomes_the_slopes_move_too() -> None:
    raw = np.random.default_rng(1).beta(2, 3, 1_000)

    assert fit_beta(raw, np.arange(1_000) < FEWEST).a != 1


@pytest.mark.parametrize("outcome", [np.ones(500, bool), np.zeros(500, bool)])
def test_outcomes_of_one_kind_change_nothing(outcome: np.ndarray) -> None:
    assert fit_beta(np.linspace(0.1, 0.9, 500), outcome) == BetaMap()


def test_raw_probabilities_of_zero_and_one_are_no_trouble() -> None:
    raw = np.repeat([0.0, 1.0, 0.5], 200)
    outcome = np.tile([True, False, True], 200)

    assert np.isfinite(fit_beta(raw, outcome)(raw)).all()


def test_no_trust_keeps_what_was_believed_before() -> None:
    raw, outcome = sample(2_000, a=2.0, b=0.5, c=-1.0)

    assert fit_map(raw, outcome, BetaMap(), trust=0) == BetaMap()
    assert fit_map(raw, outcome, BetaMap(c=-2.5), trust=0) == BetaMap(c=-2.5)
    np.testing.assert_allclose(BetaMap()(GRID), GRID, rtol=1e-12)


def test_full_trust_follows_the_new_map() -> None:
    raw, outcome = sample(2_000, a=2.0, b=0.5, c=-1.0)

    assert fit_map(raw, outcome, BetaMap(c=-2.5), trust=1) == fit_beta(raw, outcome)


@given(st.floats(0, 1), st.floats(-4, 4))
@settings(max_examples=40)
def test_trust_is_a_way_along_the_log_odds(trust: float, level: float) -> None:
    raw, outcome = sample(500, a=2.0, b=0.5, c=-1.0)
    before = BetaMap(c=level)
    start, end, way = (
        logit(each(GRID)) for each in (before, fit_beta(raw, outcome), fit_map(raw, outcome, before, trust))
    )

    np.testing.assert_allclose(way, (1 - trust) * start + trust * end, atol=1e-8)


@pytest.mark.parametrize("trust", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("outcome", [np.ones(500, bool), np.zeros(500, bool)])
def test_outcomes_of_one_kind_teach_nothing(outcome: np.ndarray, trust: float) -> None:
    assert fit_map(np.linspace(0.1, 0.9, 500), outcome, BetaMap(c=0.7), trust) == BetaMap(c=0.7)


def test_levels_are_the_log_odds_of_each_cutoff() -> None:
    cutoff = np.array([14, 7, 14, 7, 7, 14, 7])
    outcome = np.array([1, 0, 1, 0, 1, 0, 0], bool)
    rows, mean = levels(cutoff, outcome)
    one, two = np.log(1.5 / 3.5), np.log(2.5 / 1.5)  # 1 of 4 and 2 of 3, with half a yes and half a no added

    np.testing.assert_allclose(rows, np.where(cutoff == 7, one, two), rtol=1e-12)
    assert mean == pytest.approx((one + two) / 2)


@pytest.mark.parametrize("happened", [True, False])
def test_a_cutoff_with_outcomes_of_one_kind_has_a_level_too(happened: bool) -> None:
    rows, mean = levels(np.zeros(10), np.full(10, happened))

    assert np.isfinite(rows).all()
    assert np.sign(mean) == (1 if happened else -1)


@pytest.mark.parametrize(
    ("predicted", "spend", "scale"),
    [
        ([50, 50], [120, 30], 1.5),
        ([50, 50], [25, 25], 0.5),
        ([1, 1], [1000, 0], 4.0),
        ([1000, 0], [1, 1], 0.25),
        ([0, 0], [10, 10], 1.0),
        ([10, 10], [0, 0], 1.0),
        ([10, 10], [5, -20], 1.0),
    ],
)
def test_the_scale_of_the_spend_is_bounded(predicted: list[float], spend: list[float], scale: float) -> None:
    assert spend_scale(np.array(predicted, float), np.array(spend, float)) == scale
