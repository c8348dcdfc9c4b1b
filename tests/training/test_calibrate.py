"""Calibration maps beside scikit-learn's, and where there is too little to fit one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator

from features.model.calibration import BetaMap, log_odds, probability
from training import metrics
from training.calibrate import FEWEST, SHARE, fit_beta, fit_blend, fit_map, levels, seasons, shift

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


def test_where_all_are_alike_a_season_is_the_level_of_the_cutoff() -> None:
    cutoff = np.repeat([7, 14], [40, 60])
    outcome = np.random.default_rng(3).random(100) < np.where(cutoff == 7, 0.2, 0.6)
    (season, begin), (level, mean) = seasons(cutoff, outcome, np.full(100, -1.3)), levels(cutoff, outcome)

    np.testing.assert_allclose(season - begin, level - mean, rtol=1e-9)
    assert begin == pytest.approx(np.log((outcome.sum() + 0.5) / (100.5 - outcome.sum())))


def test_customers_who_age_are_no_season() -> None:
    rng = np.random.default_rng(2)
    cutoff = np.repeat([7, 14, 21], 20_000)
    expected = rng.normal(-0.05 * cutoff, 1.0)
    outcome = rng.random(len(cutoff)) < probability(expected)

    assert np.ptp(seasons(cutoff, outcome, expected)[0]) < 0.1
    assert np.ptp(levels(cutoff, outcome)[0]) > 0.4


@pytest.mark.parametrize("happened", [True, False])
def test_a_cutoff_with_outcomes_of_one_kind_has_a_season_too(happened: bool) -> None:
    outcome = np.full(20, happened)
    rows, _ = seasons(np.repeat([0, 7], [4, 16]), outcome, np.zeros(20))

    assert np.isfinite(rows).all()
    assert np.sign(rows[-1] - rows[0]) == (1 if happened else -1)


@given(st.integers(0, 10_000), st.floats(-6, 6))
@settings(max_examples=40)
def test_a_shift_makes_the_mean_right(seed: int, away: float) -> None:
    rng = np.random.default_rng(seed)
    logit, outcome = rng.normal(away, 2, 300), rng.random(300) < 0.3

    assert probability(logit + shift(logit, outcome)).mean() == pytest.approx((outcome.sum() + 0.5) / 301, abs=1e-6)


def two_models(rows: int, w: float, v: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    z = rng.normal(-1, 1, rows)
    p = probability(z + rng.normal(0, 1, rows))
    return p, z, rng.random(rows) < probability(w * log_odds(p) + v * z)


@pytest.mark.parametrize(("w", "v"), [(1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (1.3, 0.2)])
def test_the_weights_are_those_that_made_the_outcomes(w: float, v: float) -> None:
    found = fit_blend(*two_models(60_000, w, v), begun=0.0, trust=1.0)

    assert (found.w, found.v, found.c) == pytest.approx((w, v, 0.0), abs=0.06)


def test_few_outcomes_leave_the_weights_where_they_were() -> None:
    p, z, outcome = two_models(40, 0.0, 1.0)
    found = fit_blend(p, z, outcome, begun=0.0, trust=0.0)

    assert (found.w, found.v) == pytest.approx((1 - SHARE, SHARE), abs=0.4)
    none = fit_blend(p, z, np.zeros(40, bool), 0.0, trust=0.0)
    assert (none.w, none.v) == (1 - SHARE, SHARE)


def test_without_a_plainer_model_the_booster_stands_alone() -> None:
    p, _, outcome = two_models(20_000, 0.8, 0.0)
    found = fit_blend(p, None, outcome, begun=0.0, trust=1.0)

    assert (found.w, found.v, found.c) == pytest.approx((0.8, 0.0, 0.0), abs=0.06)


def test_without_a_plainer_model_the_level_kept_is_the_boosters() -> None:
    p, _, outcome = two_models(2_000, 0.8, 0.0)
    found = fit_blend(p, None, outcome, begun=-1.0, trust=0.0)

    assert probability(found.logit(p, p)).mean() == pytest.approx(probability(log_odds(p) - 1.0).mean(), abs=1e-6)


@given(st.floats(0, 1), st.floats(-2, 2))
@settings(max_examples=40)
def test_the_level_goes_from_what_was_expected_to_the_newest_outcomes_as_far_as_trusted(
    trust: float, begun: float
) -> None:
    p, z, outcome = two_models(500, 1.0, 0.5)
    start, end, way = (fit_blend(p, z, outcome, begun, t) for t in (0.0, 1.0, trust))
    blended = probability(end.logit(p, z))

    assert (start.w, start.v) == (end.w, end.v) == (way.w, way.v)
    assert way.c == pytest.approx((1 - trust) * start.c + trust * end.c)
    assert blended.mean() == pytest.approx((outcome.sum() + 0.5) / 501, abs=1e-5)
    assert probability(start.logit(p, z)).mean() == pytest.approx(probability(z).mean(), abs=1e-5)
