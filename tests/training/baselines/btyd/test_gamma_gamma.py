"""Gamma-Gamma: simulated shops, integration, and laws of money."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import gamma

from features.errors import DataError
from training.baselines.btyd import GammaGamma
from training.baselines.btyd.gamma_gamma import _slopes


def shop(model: GammaGamma, customers: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Orders, their mean value, and the true mean of each customer."""
    rng = np.random.default_rng(seed)
    orders = rng.geometric(0.3, customers).astype(float)
    rate = rng.gamma(model.q, 1 / model.gamma, customers)
    return orders, rng.gamma(model.p * orders) / rate / orders, model.p / rate


def test_it_finds_the_truth_and_expects_what_comes() -> None:
    truth = GammaGamma(6.0, 4.0, 15.0)
    orders, mean, true_mean = shop(truth, 50_000, seed=1)
    model = GammaGamma.fit(orders, mean)

    assert [model.p, model.q, model.gamma] == pytest.approx([6, 4, 15], rel=0.05)
    said = truth.expected_value(orders, mean)
    for x in (1, 2, 5):
        few = orders == x
        for low in (mean < np.median(mean), mean >= np.median(mean)):
            assert said[few & low].mean() == pytest.approx(true_mean[few & low].mean(), rel=0.03)


@pytest.mark.parametrize(("n", "z"), [(1.0, 20.0), (4.0, 35.0), (20.0, 3.0)])
def test_likelihood_and_expectation_agree_with_integration(n: float, z: float) -> None:
    model = GammaGamma(6.25, 3.74, 15.44)

    def joint(rate: float) -> float:
        prior = gamma.pdf(rate, model.q, scale=1 / model.gamma)
        return float(prior * gamma.pdf(z, model.p * n, scale=1 / (rate * n)))

    knots = [0.01, 0.1, 0.3, 1.0, 3.0]
    likelihood = quad(joint, 0, 60, points=knots, limit=400, epsabs=0)[0]
    expected = quad(lambda rate: joint(rate) * model.p / rate, 1e-9, 60, points=knots, limit=400, epsabs=0)[0]
    assert model.log_density(n, z) == pytest.approx(np.log(likelihood), abs=1e-7)
    assert model.expected_value(n, z) == pytest.approx(expected / likelihood, rel=1e-7)


@settings(max_examples=30)
@given(st.floats(-4, 4), st.floats(-4, 4), st.floats(-4, 4), st.integers(1, 100), st.floats(-3, 3))
def test_slopes_are_the_derivatives(p: float, q: float, gamma_: float, orders: int, value: float) -> None:
    at, n, z = np.exp([p, q, gamma_]), np.array([float(orders)]), np.exp([value])
    slopes = _slopes(at, n, z)[1][:, 0]
    numeric = approx_fprime(np.log(at), lambda log_at: _slopes(np.exp(log_at), n, z)[0][0], 1e-6)

    np.testing.assert_allclose(slopes * at, numeric, rtol=1e-3, atol=2e-3)


@pytest.mark.parametrize("rate", [0.01, 7.3, 1e6])
def test_another_currency_changes_nothing_but_the_unit(rate: float) -> None:
    orders, mean, _ = shop(GammaGamma(6.0, 4.0, 15.0), 2_000, seed=2)
    one, other = GammaGamma.fit(orders, mean), GammaGamma.fit(orders, mean * rate)

    np.testing.assert_allclose(
        other.expected_value(orders, mean * rate), rate * one.expected_value(orders, mean), rtol=1e-4
    )


def test_the_expectation_lies_between_the_own_mean_and_that_of_all() -> None:
    model = GammaGamma(6.0, 4.0, 15.0)
    of_all = model.expected_value(0, 0).item()
    orders = np.arange(1.0, 200)
    said = model.expected_value(orders, np.full(199, 3 * of_all))

    assert of_all == pytest.approx(6 * 15 / 3)
    assert (np.diff(said) > 0).all()
    assert ((said > of_all) & (said < 3 * of_all)).all()


@pytest.mark.parametrize(
    ("orders", "mean"),
    [([1], [10.0]), ([1, 1, 1], [10.0, 10.0, 10.0]), ([5, 1], [1e-6, 1e9]), ([2, 3, 9], [0.0, -4.0, 7.0])],
    ids=["one customer", "all alike", "far apart", "free and returned"],
)
def test_odd_shops_are_fitted(orders: list[int], mean: list[float]) -> None:
    model = GammaGamma.fit(orders, mean)
    said = model.expected_value(orders, mean)

    assert model.q > 1
    assert (np.isfinite(said) & (said >= 0)).all()
    assert (said <= np.maximum(max(mean), model.expected_value(0, 0)) * (1 + 1e-9)).all()


@pytest.mark.parametrize(
    ("orders", "mean"), [([0], [1.0]), ([1], [np.nan]), ([1, 2], [1.0]), ([np.nan], [1.0]), ([1], [np.inf])]
)
def test_values_that_are_none_are_refused(orders: list[float], mean: list[float]) -> None:
    with pytest.raises(DataError, match="no mean value"):
        GammaGamma.fit(orders, mean)


@pytest.mark.parametrize("mean", [[0.0, 0.0], [-1.0, 0.0]])
def test_nobody_with_a_value_is_nothing_to_fit(mean: list[float]) -> None:
    with pytest.raises(DataError, match="nothing to fit"):
        GammaGamma.fit([1, 2], mean)
