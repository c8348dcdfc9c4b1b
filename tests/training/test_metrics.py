"""Every metric against an independent oracle, and the laws it must keep."""

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest
import scipy.stats
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from features.errors import StagecastError
from training import metrics
from training.ranked import Ranked

Floats = NDArray[np.float64]

laws = settings(deadline=None, derandomize=True, max_examples=60)
outcomes = st.lists(st.integers(0, 1), min_size=1, max_size=60).map(np.array)
probability = st.integers(0, 100).map(lambda percent: percent / 100)
forecasts = st.lists(st.tuples(st.integers(0, 1), probability), min_size=1, max_size=60).map(
    lambda rows: (np.array([y for y, _ in rows]), np.array([p for _, p in rows]))
)
both_classes = forecasts.filter(lambda rows: 0 < rows[0].mean() < 1)


@laws
@given(both_classes)
def test_binary_metrics_agree_with_sklearn(rows: tuple[Floats, Floats]) -> None:
    y, p = rows
    inside = np.clip(p, 1e-6, 1 - 1e-6)
    assert metrics.log_loss(y, inside) == pytest.approx(sklearn.metrics.log_loss(y, inside))
    assert metrics.brier(y, p) == pytest.approx(sklearn.metrics.brier_score_loss(y, p))
    assert metrics.auroc(y, p) == pytest.approx(sklearn.metrics.roc_auc_score(y, p))
    assert metrics.average_precision(y, p) == pytest.approx(sklearn.metrics.average_precision_score(y, p))


def test_a_certain_error_costs_much_but_not_infinity() -> None:
    assert metrics.log_losses([1, 0, 1], [0.0, 1.0, 1.0]) == pytest.approx([34.54, 34.54, 0], abs=0.01)


@laws
@given(outcomes, probability)
def test_among_constants_the_base_rate_is_best(y: Floats, p: float) -> None:
    constant, base_rate = np.full(len(y), p), np.full(len(y), y.mean())
    assert metrics.log_loss(y, base_rate) <= metrics.log_loss(y, constant) + 1e-12
    assert metrics.brier(y, base_rate) <= metrics.brier(y, constant) + 1e-12


@laws
@given(both_classes)
def test_auroc_sees_only_the_order(rows: tuple[Floats, Floats]) -> None:
    y, score = rows
    assert metrics.auroc(y, np.exp(3 * score) - 7) == metrics.auroc(y, score)
    assert metrics.auroc(y, -score) == pytest.approx(1 - metrics.auroc(y, score))


def test_auroc_of_one_class_is_unknown() -> None:
    assert np.isnan(metrics.auroc([1, 1], [0.2, 0.7]))


@laws
@given(outcomes, st.integers(1, 20))
def test_calibration_error_is_zero_for_the_truth_and_for_the_base_rate(y: Floats, bins: int) -> None:
    assert metrics.calibration_error(y, y, bins) == 0
    assert metrics.calibration_error(y, np.full(len(y), y.mean()), bins) == pytest.approx(0, abs=1e-12)


@laws
@given(forecasts, st.integers(1, 20), st.randoms(use_true_random=False))
def test_reliability_bins_partition_the_rows_whatever_their_order(
    rows: tuple[Floats, Floats], bins: int, random: Random
) -> None:
    y, p = rows
    shuffled = random.sample(range(len(y)), len(y))
    curve, other = metrics.reliability_curve(y, p, bins), metrics.reliability_curve(y[shuffled], p[shuffled], bins)
    assert len(curve.count) <= bins
    assert curve.count.sum() == len(y)
    assert curve.observed @ curve.count == pytest.approx(y.sum())
    assert (np.diff(curve.predicted) > 0).all()
    assert (curve.count == other.count).all()
    assert curve.observed == pytest.approx(other.observed)


def test_reliability_by_hand() -> None:
    curve = metrics.reliability_curve([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.8], bins=2)
    assert curve.predicted == pytest.approx([0.2, 0.7])
    assert curve.observed == pytest.approx([1 / 3, 2 / 3])
    assert metrics.calibration_error([0, 0, 1, 0, 1, 1], [0.1, 0.2, 0.3, 0.6, 0.7, 0.8], bins=2) == pytest.approx(
        (2 / 15 + 1 / 30) / 2
    )


@pytest.mark.parametrize("bins", [1, 10])
def test_what_calibration_error_chance_makes(bins: int) -> None:
    rng = np.random.default_rng(7)
    p = rng.beta(1, 4, 2000)
    drawn = [metrics.calibration_error(rng.random(len(p)) < p, p, bins) for _ in range(2000)]
    expected = metrics.calibration_error_by_chance(Ranked.of(rng.random(len(p)) < p, p), bins)
    assert expected == pytest.approx(np.mean(drawn), rel=0.05)


def test_calibration_error_weighs_bins_by_their_rows() -> None:
    assert metrics.calibration_error([0, 0, 0, 0], [0.1, 0.1, 0.1, 0.9], bins=2) == pytest.approx(0.3)


def test_bins_have_equal_mass_where_forecasts_differ() -> None:
    p = np.random.default_rng(0).permutation(1000) / 1000
    assert (metrics.reliability_curve(p > 0.5, p, bins=10).count == 100).all()


def test_calibration_error_tells_honest_from_boastful() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.05, 0.6, 50_000)
    y = rng.random(50_000) < p
    assert metrics.calibration_error(y, p) < 0.01
    assert metrics.calibration_error(y, np.minimum(1, 1.5 * p)) == pytest.approx(p.mean() / 2, abs=0.02)


def test_lift_by_hand_with_ties_at_the_border() -> None:
    y, score = [1, 1, 0, 0, 0, 1, 0, 0, 0, 0], [9, 5, 5, 5, 5, 1, 1, 1, 1, 1]
    assert metrics.lift_at(y, score, share=0.1) == pytest.approx(1 / 0.3)
    assert metrics.lift_at(y, score, share=0.3) == pytest.approx((1 + 2 / 4) / 3 / 0.3)
    assert metrics.lift_at(y, score, share=0.06) == metrics.lift_at(y, score, share=0.01) == pytest.approx(1 / 0.3)
    assert metrics.lift_at([1, 0, 0, 0], [9, 8, 7, 6], share=0.45) == pytest.approx(0.5 / 0.25)
    assert metrics.lift_at(y, score, share=1.0) == pytest.approx(1)
    assert np.isnan(metrics.lift_at([0, 0], [1, 2]))


@laws
@given(forecasts.filter(lambda rows: rows[0].any()), st.floats(0.01, 1))
def test_gain_is_lift_times_the_share_taken(rows: tuple[Floats, Floats], share: float) -> None:
    taken = max(1, round(share * len(rows[0]))) / len(rows[0])
    assert metrics.gain_at(*rows, share) == pytest.approx(metrics.lift_at(*rows, share) * taken)
    assert 0 <= metrics.gain_at(*rows, share) <= metrics.gain_at(*rows, 1) == 1


def test_what_never_happens_is_not_gained() -> None:
    assert np.isnan(metrics.gain_at([0, 0], [1, 2]))
    assert np.isnan(metrics.average_precision([0, 0], [1, 2]))


@laws
@given(outcomes.filter(np.any), st.floats(0.01, 1))
def test_a_constant_score_lifts_nothing(y: Floats, share: float) -> None:
    assert metrics.lift_at(y, np.zeros(len(y)), share) == pytest.approx(1)


def test_stage_metrics_agree_with_sklearn() -> None:
    rng = np.random.default_rng(2)
    stage, p = rng.integers(0, 4, 200), rng.dirichlet(np.ones(4), 200)
    assert metrics.stage_log_loss(stage, p) == pytest.approx(sklearn.metrics.log_loss(stage, p, labels=range(4)))
    by_class = sklearn.metrics.f1_score(stage, p.argmax(axis=1), average=None)
    assert metrics.macro_f1(stage, p.argmax(axis=1)) == pytest.approx(by_class.mean())


@laws
@given(forecasts)
def test_two_stages_cost_what_the_binary_loss_costs(rows: tuple[Floats, Floats]) -> None:
    y, p = rows
    losses = metrics.stage_log_losses(y, np.column_stack([1 - p, p]))
    assert losses == pytest.approx(metrics.log_losses(y, p), rel=1e-4)  # 1 - 1e-15 is not a number a float can hold


def test_macro_f1_of_a_stage_never_hit_is_zero() -> None:
    assert metrics.macro_f1([0, 0, 3, 3], [0, 0, 0, 0]) == pytest.approx((2 * 0.5 / 1.5 + 0) / 2)


def test_total_bias_by_hand() -> None:
    assert metrics.total_bias([10, 0, -2], [5, 3, 2]) == pytest.approx(0.25)
    assert np.isnan(metrics.total_bias([1, -1], [1, 1]))


def lorenz_gini(spend: Floats, by: Floats) -> float:
    """Twice the area between the diagonal and the Lorenz curve of spend ordered by `by`, which has no ties."""
    curve = np.concatenate([[0], np.cumsum(spend[np.argsort(by)])]) / spend.sum()
    return float(1 - 2 * np.trapezoid(curve, dx=1 / len(spend)))


def test_normalised_gini_agrees_with_the_lorenz_curves() -> None:
    rng = np.random.default_rng(3)
    spend = rng.lognormal(size=500)
    guess = spend * rng.lognormal(size=500)
    ratio = lorenz_gini(spend, guess) / lorenz_gini(spend, spend)
    assert metrics.normalised_gini(spend, guess) == pytest.approx(ratio)
    assert metrics.normalised_gini(spend, np.log(guess)) == pytest.approx(ratio)


@laws
@given(st.lists(st.integers(-1000, 100_000), min_size=2, max_size=40).filter(lambda s: len(set(s)) > 1).map(np.array))
def test_ranking_of_spend_runs_from_perfect_to_reversed(spend: Floats) -> None:
    assert metrics.normalised_gini(spend, spend) == pytest.approx(1)
    assert metrics.normalised_gini(spend, -spend) == pytest.approx(-1)
    assert metrics.normalised_gini(spend, np.zeros(len(spend))) == pytest.approx(0, abs=1e-12)
    assert metrics.spearman(spend, spend) == pytest.approx(1)
    assert metrics.spearman(spend, -spend) == pytest.approx(-1)


def test_spearman_agrees_with_scipy() -> None:
    rng = np.random.default_rng(4)
    spend, guess = rng.integers(0, 5, 100), rng.normal(size=100)
    assert metrics.spearman(spend, guess) == pytest.approx(scipy.stats.spearmanr(spend, guess).statistic)


def test_constant_spend_cannot_be_ranked() -> None:
    assert np.isnan(metrics.normalised_gini([3, 3], [1, 2]))
    assert np.isnan(metrics.spearman([1, 2], [3, 3]))


stages_and_shares = st.lists(
    st.tuples(st.integers(0, 3), st.lists(st.integers(1, 20), min_size=4, max_size=4)), min_size=1
).map(lambda rows: (np.array([s for s, _ in rows]), np.array([np.array(w) / sum(w) for _, w in rows])))


@laws
@given(stages_and_shares)
def test_the_ranked_loss_is_a_sum_of_binary_losses_at_the_borders(rows: tuple[Floats, Floats]) -> None:
    stage, p = rows
    line = [3, 0, 1, 2]  # regression, examination, formative, stable
    place = np.array([line.index(s) for s in stage])
    borders = [metrics.log_losses(place <= k, np.clip(p[:, line[: k + 1]].sum(axis=1), 0, 1)) for k in range(3)]
    assert metrics.ranked_stage_log_losses(stage, p) == pytest.approx(np.sum(borders, axis=0), abs=1e-9)


def test_a_near_miss_costs_less_than_a_far_one() -> None:
    near, far = [0.04, 0.9, 0.03, 0.03], [0.04, 0.03, 0.03, 0.9]  # stable came: formative said, regression said
    assert metrics.stage_log_loss([2], [near]) == pytest.approx(metrics.stage_log_loss([2], [far]))
    assert metrics.ranked_stage_log_loss([2], [near]) < metrics.ranked_stage_log_loss([2], [far]) / 2


def test_the_ranked_loss_is_least_for_the_truth() -> None:
    rng = np.random.default_rng(5)
    p = np.tile(rng.dirichlet(np.ones(4)), (50_000, 1))
    stage = rng.choice(4, len(p), p=p[0])
    for other in rng.dirichlet(20 * p[0], 5):
        assert metrics.ranked_stage_log_loss(stage, p) < metrics.ranked_stage_log_loss(
            stage, np.tile(other, (50_000, 1))
        )


def test_small_tails_are_not_rounded_away() -> None:
    p = [[1e-13, 1e-13, 1e-13, 1 - 3e-13]]
    assert metrics.ranked_stage_log_loss([0], p) == pytest.approx(-np.log(3e-13) + 2e-13, rel=1e-6)


def test_deciles_of_spend_by_hand() -> None:
    predicted = np.arange(1.0, 41)
    spend = predicted * np.where(predicted <= 20, 1.5, 0.5)
    curve = metrics.deciles(spend, predicted)
    assert curve.predicted == pytest.approx(np.arange(1, 41).reshape(10, 4).mean(axis=1))
    assert metrics.decile_mape(spend, predicted) == pytest.approx((5 * (1 - 1 / 1.5) + 5 * 1) / 10)
    assert metrics.decile_error(spend, predicted) == pytest.approx((0.5 * predicted).sum() / spend.sum())


@laws
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 9)), min_size=1, max_size=60))
def test_deciles_hold_every_row_once_and_forgive_the_truth(rows: list[tuple[int, int]]) -> None:
    spend, predicted = np.array(rows, dtype=float).T
    curve = metrics.deciles(spend, predicted)
    assert len(curve.count) <= 10
    assert curve.count.sum() == len(rows)
    assert curve.observed @ curve.count == pytest.approx(spend.sum())
    assert (np.diff(curve.predicted) > 0).all()
    assert metrics.decile_mape(spend, spend) == metrics.decile_error(spend, spend) == 0


def test_a_decile_that_brought_nothing_has_no_relative_error() -> None:
    assert np.isnan(metrics.decile_mape([0, 3], [1, 2]))
    assert metrics.decile_error([0, 3], [1, 2]) == pytest.approx(2 / 3)
    assert np.isnan(metrics.decile_error([-1, 1], [1, 2]))


money = st.lists(st.tuples(st.integers(-3, 20), st.integers(0, 9)), min_size=2, max_size=30).map(
    lambda rows: np.array(rows, dtype=float).T
)


@settings(laws, max_examples=30)
@given(money.filter(lambda rows: np.ptp(rows[0]) > 0 and rows[0].sum() > 0), st.integers(0, 29))
def test_pseudo_values_say_how_bias_and_gini_move_with_the_weight_of_a_row(rows: Floats, place: int) -> None:
    spend, predicted = rows
    ordered, row, many = metrics.Ordered.of(spend, predicted), place % len(spend), 300
    again = [np.append(np.repeat(column, many), column[row]) for column in (spend, predicted)]
    for values, moved in (
        (ordered.bias_values, metrics.total_bias(*again)),
        (ordered.gini_values, metrics.normalised_gini(*again)),
    ):
        assert (values.sum() * many + values[row]) / len(again[0]) == pytest.approx(
            moved, abs=1e-4 * np.ptp(values) + 1e-9
        )
    assert ordered.gini_values.mean() == pytest.approx(ordered.gini)


Metric = Callable[..., Any]
BINARY: list[Metric] = [
    metrics.log_losses,
    metrics.log_loss,
    metrics.brier,
    metrics.auroc,
    metrics.average_precision,
    metrics.reliability_curve,
    metrics.calibration_error,
    metrics.lift_at,
    metrics.gain_at,
]
CODED: list[Metric] = [metrics.macro_f1]
SPEND: list[Metric] = [
    metrics.total_bias,
    metrics.normalised_gini,
    metrics.spearman,
    metrics.deciles,
    metrics.decile_mape,
    metrics.decile_error,
]


@pytest.mark.parametrize("metric", [*BINARY, *CODED, *SPEND])
@pytest.mark.parametrize(
    ("truth", "forecast"),
    [([0, 1], [0, np.nan]), ([0, np.nan], [0, 1]), ([0, 1], [0, np.inf]), ([0, 1, 1], [0, 1]), ([], []), (0, 1)],
)
def test_unusable_input_is_refused_by_every_metric(metric: Metric, truth: object, forecast: object) -> None:
    with pytest.raises(StagecastError, match="got:"):
        metric(truth, forecast)


@pytest.mark.parametrize("metric", BINARY)
def test_outcomes_that_are_not_binary_are_refused(metric: Metric) -> None:
    with pytest.raises(StagecastError, match="not binary"):
        metric([0, 2], [0.1, 0.2])


@pytest.mark.parametrize("metric", [metrics.log_loss, metrics.brier, metrics.calibration_error])
def test_numbers_that_are_no_probabilities_are_refused(metric: Metric) -> None:
    with pytest.raises(StagecastError, match="Not probabilities"):
        metric([0, 1], [0.1, 1.2])


@pytest.mark.parametrize(
    ("stage", "p"),
    [([0], [[0.5, 0.4]]), ([2], [[0.5, 0.5]]), ([0.5], [[0.5, 0.5]]), ([0, 1], [[0.5, 0.5]]), ([0], [[np.nan, 1]])],
)
def test_stage_distributions_that_are_none_are_refused(stage: list[float], p: list[list[float]]) -> None:
    with pytest.raises(StagecastError, match="got:"):
        metrics.stage_log_loss(stage, p)


@pytest.mark.parametrize("share", [0, -0.1, 1.1, np.nan])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(StagecastError, match="share"):
        metrics.lift_at([0, 1], [1, 2], share)


def test_no_bins_are_refused() -> None:
    with pytest.raises(StagecastError, match="bins"):
        metrics.calibration_error([0, 1], [0, 1], bins=0)
    with pytest.raises(StagecastError, match="bins"):
        metrics.deciles([0, 1], [0, 1], bins=0)
