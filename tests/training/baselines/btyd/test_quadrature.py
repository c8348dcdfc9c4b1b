"""The two quadratures against SciPy's adaptive one, also where parameters are extreme."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import hyp2f1
from scipy.stats import beta

from features.model.beta_nodes import beta_nodes
from training.baselines.btyd.decay import Decay

positive = st.floats(-9, 9).map(np.exp)


@pytest.mark.parametrize(("alpha", "beta_"), [(4.0, 11.0), (11.0, 4.0), (6.0, 6.0), (1e-4, 8000.0), (8000.0, 1e-4)])
@pytest.mark.parametrize(("k", "l"), [(0.2, 1.1), (3.5, 1.6), (400.0, 1.01), (0.6, 300.0)])
def test_the_decay_integral_and_its_means(alpha: float, beta_: float, k: float, l: float) -> None:  # noqa: E741
    start, stop = 20.0, 60.0
    got = Decay(alpha, beta_, np.array([k]), np.array([l])).integral(np.array([start]), np.array([stop]))

    def mean(of: object) -> float:
        """With s = start e^y - start, which is smooth enough for SciPy, and relative to the start."""
        top = -k * np.log(alpha + start) - l * np.log(beta_ + start)

        def f(s: float) -> float:
            return np.exp(-k * np.log(alpha + s) - l * np.log(beta_ + s) - top) * of(s)  # type: ignore[operator]

        knots = start + (stop - start) * np.array([1e-3, 1e-2, 0.1, 0.3])
        return quad(f, start, stop, points=knots, epsrel=1e-12, epsabs=0, limit=400)[0] * np.exp(top - got.log[0])

    assert mean(lambda s: 1.0) == pytest.approx(1, rel=1e-9)
    assert got.log_alpha[0] == pytest.approx(mean(lambda s: np.log(alpha + s)), rel=1e-9)
    assert got.log_beta[0] == pytest.approx(mean(lambda s: np.log(beta_ + s)), rel=1e-9)
    assert got.per_alpha[0] == pytest.approx(mean(lambda s: 1 / (alpha + s)), rel=1e-9)
    assert got.per_beta[0] == pytest.approx(mean(lambda s: 1 / (beta_ + s)), rel=1e-9)


def test_the_decay_integral_is_the_difference_of_hypergeometric_functions() -> None:
    """A0 of Fader and Hardie (2005), for alpha >= beta and a moderate x."""
    r, alpha, s, beta_, x, t_x, t = 0.553, 10.578, 0.606, 11.669, 3.0, 20.0, 39.0
    a, b = beta_, alpha  # A0 is symmetric once the powers change places, too

    def part(time: float) -> float:
        power = r + s + x
        return hyp2f1(power, r + x, power + 1, (a - b) / (a + time)) / (a + time) ** power

    want = (part(t_x) - part(t)) / (r + s + x)
    got = Decay(alpha, beta_, np.array([r + x]), np.array([s + 1])).integral(np.array([t_x]), np.array([t]))
    assert np.exp(got.log[0]) == pytest.approx(want, rel=1e-9)


@settings(max_examples=40)
@given(positive, positive, st.tuples(st.floats(0.01, 500), st.floats(0.01, 500)), st.floats(0, 100), st.floats(0, 100))
def test_decay_adds_up_over_time(
    alpha: float, beta_: float, powers: tuple[float, float], one: float, two: float
) -> None:
    decay = Decay(alpha, beta_, *(np.full(3, power) for power in powers))
    ends = np.array([1 + one, 1 + one + two, 1 + one + two])
    first, both, second = decay.integral(np.array([1.0, 1.0, 1 + one]), ends).log

    assert np.logaddexp(first, second) == pytest.approx(both, abs=1e-8)


@pytest.mark.parametrize("a", [1e-3, 0.3, 1.0, 2.0, 50.0, 5000.0])
@pytest.mark.parametrize("b", [1e-3, 0.3, 1.0, 2.0, 50.0, 5000.0])
def test_moments_of_beta(a: float, b: float) -> None:
    node, weight = beta_nodes(a, np.array([b]), 1.0)

    assert weight.sum() == pytest.approx(1, abs=1e-12)
    assert ((node > 0) & (node < 1)).all()
    for power in (1, 2, 5):
        want = np.prod([(a + i) / (a + b + i) for i in range(power)])
        assert (weight @ node.T**power).item() == pytest.approx(want, rel=3e-6, abs=2e-7)


@pytest.mark.parametrize("reach", [0.1, 30.0, 3000.0])
@pytest.mark.parametrize(("a", "b", "power"), [(0.6, 3.0, 0.5), (0.6, 40.0, 38.0), (1.0, 1.0, 3.0), (8.0, 100.0, 20.0)])
def test_what_bends_near_zero(a: float, b: float, power: float, reach: float) -> None:
    """The expected orders of BG/NBD, by the hypergeometric function."""
    node, weight = beta_nodes(a, np.array([b]), 1 / (power * reach))
    got = (weight * -np.expm1(-power * np.log1p(node * reach)) / node).sum()

    def density(v: float) -> float:
        p = 1 / (1 + np.exp(-v))
        return beta.pdf(p, a, b) * p * (1 - p) * -np.expm1(-power * np.log1p(p * reach)) / p

    want = quad(density, -60, 30, epsrel=1e-11, limit=1000, points=[-20, -10, -5, 0])[0]
    assert got == pytest.approx(want, rel=3e-6)
