"""What is not explained: 1 for the base rate, 0 for who knows all, and the losses of other people's code between."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import log_loss, mean_tweedie_deviance

from features.fixed import Floats
from training.tuning.losses import log_odds, moved, sigmoid, unexplained

RNG = np.random.default_rng(7)
HAPPENED = (RNG.random(500) < 0.3).astype(float)
CLASSES = RNG.integers(0, 3, 500).astype(float)
MONEY = np.where(RNG.random(500) < 0.4, 0.0, RNG.gamma(2, 30, 500))

probabilities = st.floats(0.01, 0.99)


@pytest.mark.parametrize("part", ["order", "regression"])
def test_what_happens_or_not(part: str) -> None:
    said = np.clip(0.3 + 0.2 * (HAPPENED - 0.5) + RNG.normal(0, 0.05, 500), 0.01, 0.99)
    usual = np.full(500, HAPPENED.mean())

    assert unexplained(part, HAPPENED, said) == pytest.approx(log_loss(HAPPENED, said) / log_loss(HAPPENED, usual))
    assert unexplained(part, HAPPENED, usual) == pytest.approx(1)
    assert unexplained(part, HAPPENED, HAPPENED) == pytest.approx(0)


def test_classes() -> None:
    said = RNG.dirichlet([2, 3, 4], 500)
    usual = np.tile(np.bincount(CLASSES.astype(int)) / 500, (500, 1))

    assert unexplained("otherwise", CLASSES, said) == pytest.approx(log_loss(CLASSES, said) / log_loss(CLASSES, usual))
    assert unexplained("otherwise", CLASSES, usual) == pytest.approx(1)


def test_spend() -> None:
    said, usual = RNG.gamma(2, 20, 500), np.full(500, MONEY.mean())
    theirs = mean_tweedie_deviance(MONEY, said, power=1.5) / mean_tweedie_deviance(MONEY, usual, power=1.5)

    assert unexplained("spend", MONEY, said) == pytest.approx(theirs)
    assert unexplained("spend", MONEY, usual) == pytest.approx(1)


@settings(max_examples=15)
@given(st.lists(probabilities, min_size=20, max_size=60), st.integers(1, 19), st.floats(-1, 1), st.floats(0, 1))
def test_the_level_moves_as_far_as_it_is_trusted(said: list[float], yes: int, begin: float, trust: float) -> None:
    p, truth = np.array(said), _first(yes, len(said))
    shift = moved(p, truth, begin, 1.0)

    assert sigmoid(log_odds(p) + shift).mean() == pytest.approx(truth.mean(), abs=1e-6)
    assert moved(p, truth, begin, trust) == pytest.approx((1 - trust) * begin + trust * shift)


def test_without_two_kinds_of_outcome_the_level_stays() -> None:
    assert moved(np.full(9, 0.3), np.zeros(9), 0.25, 1.0) == 0.25
    assert moved(np.full(9, 0.3), np.ones(9), 0.25, 1.0) == 0.25


def _first(number: int, of: int) -> Floats:
    return (np.arange(of) < number).astype(float)
