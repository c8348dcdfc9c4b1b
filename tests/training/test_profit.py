"""Profit of a campaign: against integrals by hand, against another library's numbers, and by reasoning."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from training.config import Costs, TrainingConfig
from training.profit import earned, most_earned, profit_curve
from training.ranked import Ranked

laws = settings(deadline=None, derandomize=True, max_examples=30)
OTHER = Costs(value=80, contact=2.5, incentive=12, success=(2, 5))
Rows = tuple[NDArray[np.bool_], NDArray[np.float64]]

forecasts = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=40).map(
    lambda drawn: (np.array([y for y, _ in drawn]), np.array([score / 8 for _, score in drawn]))
)
costs = st.builds(
    Costs,
    value=st.floats(20, 300),
    contact=st.floats(0, 10),
    incentive=st.floats(0, 19),
    success=st.tuples(st.floats(0.5, 10), st.floats(0.5, 20)),
)


def empc_by_hand(y: NDArray, score: NDArray, costs: Costs) -> float:
    """The integral over success rates of the profit at the best of all thresholds, on a fine grid of quantiles."""
    grid = (np.arange(2_000) + 0.5) / 2_000
    success = scipy.stats.beta(*costs.success).ppf(grid)
    best = np.zeros(len(grid))
    for threshold in np.unique(score):
        contacted = score >= threshold
        ones, zeros = (contacted & y).mean(), (contacted & ~y).mean()
        profit = ones * (success * (costs.value - costs.incentive) - costs.contact)
        best = np.maximum(best, profit - zeros * (costs.incentive + costs.contact))
    return float(best.mean())


@laws
@given(forecasts, costs)
def test_empc_is_the_integral_of_the_best_profits(rows: Rows, costs: Costs) -> None:
    found = most_earned(Ranked.of(*rows), costs).mean()
    assert found == pytest.approx(empc_by_hand(*rows, costs), abs=2e-3 * costs.value)


def test_empc_agrees_with_another_library() -> None:
    rng = np.random.default_rng(20)
    left = rng.random(400) < 0.25
    p = np.round(1 / (1 + np.exp(-(1.2 * left + rng.normal(size=400) - 1.5))), 2)

    assert most_earned(Ranked.of(left, p), Costs()).mean() == pytest.approx(EMPULSE[0], rel=1e-9)
    assert most_earned(Ranked.of(left, p), OTHER).mean() == pytest.approx(EMPULSE[1], rel=1e-9)


EMPULSE = (10.415535593325275, 1.6978349901846357)
"""`empulse.metrics.empc_score` of the PyPI package empulse 0.13.1, run once on these rows."""


@laws
@given(forecasts, costs)
def test_empc_sees_only_the_order(rows: Rows, costs: Costs) -> None:
    y, p = rows
    assert most_earned(Ranked.of(y, p**3), costs) == pytest.approx(most_earned(Ranked.of(y, p), costs))


@laws
@given(forecasts, costs)
def test_nobody_earns_more_than_empc_by_acting_on_a_forecast(rows: Rows, costs: Costs) -> None:
    y, p = rows
    most = most_earned(Ranked.of(y, p), costs).mean()

    assert earned(y, p, costs).mean() <= most + 1e-9
    assert profit_curve(Ranked.of(y, p), costs, np.linspace(0, 1, 41)).max() <= most + 1e-9


@laws
@given(forecasts, costs)
def test_the_truth_earns_the_most(rows: Rows, costs: Costs) -> None:
    y, p = rows
    truth = y.astype(float)

    assert earned(y, p, costs).mean() <= earned(y, truth, costs).mean() + 1e-9
    assert most_earned(Ranked.of(y, p), costs).mean() <= most_earned(Ranked.of(y, truth), costs).mean() + 1e-9


def test_an_honest_probability_earns_more_than_a_boastful_or_a_shy_one() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(1, 6, 200_000)
    left = rng.random(len(p)) < p
    log_odds = np.log(p / (1 - p))
    honest, boastful, shy = (earned(left, 1 / (1 + np.exp(-(log_odds + c))), Costs()).mean() for c in (0, 1, -1))

    assert honest > max(boastful, shy)


@laws
@given(forecasts.filter(lambda rows: len(rows[0]) > 1), costs, st.integers(0, 39))
def test_the_values_say_how_empc_moves_with_the_weight_of_a_row(rows: Rows, costs: Costs, place: int) -> None:
    y, p = rows
    values, row = most_earned(Ranked.of(y, p), costs), place % len(y)
    many = 3000  # each row so many times, and one of them once more: a weight that is a little larger
    again = [np.append(np.repeat(column, many), column[row]) for column in (y, p)]

    moved = most_earned(Ranked.of(again[0], again[1]), costs).mean()
    assert moved == pytest.approx((values.sum() * many + values[row]) / len(again[0]), abs=1e-5 * costs.value)


def test_profits_by_hand() -> None:
    left, p = np.array([True, False, False, True]), np.array([0.9, 0.8, 0.1, 0.02])
    costs = Costs(value=100, contact=2, incentive=10, success=(1, 1))
    kept, lost = 0.5 * 90 - 2, -12.0  # who leaves and who stays, contacted

    assert earned(left, p, costs).tolist() == [kept, lost, 0, 0]  # contacted from p = 12 / 55 on
    curve = profit_curve(Ranked.of(left, p), costs, np.array([0, 0.125, 0.25, 0.5, 0.75, 1]))
    assert curve == pytest.approx(np.array([0, kept / 2, kept, kept + lost, kept + 2 * lost, 2 * (kept + lost)]) / 4)


def test_nobody_leaves_or_everybody_does() -> None:
    nobody, everybody, p = np.zeros(3, dtype=bool), np.ones(3, dtype=bool), np.array([0.1, 0.2, 0.3])
    free = Costs(contact=0, incentive=0)

    assert (most_earned(Ranked.of(nobody, p), Costs()) == 0).all()
    assert most_earned(Ranked.of(everybody, p), free) == pytest.approx(200 * 0.3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": 0},
        {"contact": -1},
        {"incentive": 200},
        {"success": (0, 1)},
        {"success": (1,)},
        {"value": float("inf")},
    ],
)
def test_costs_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Costs.model_validate(wrong)


def test_costs_come_from_the_settings() -> None:
    config = TrainingConfig.model_validate({"profit": {"value": 50, "success": [1, 9]}})
    assert config.profit == Costs(value=50, success=(1, 9))
