"""What is not explained: 1 for the base rate, 0 for who knows all, and the losses of other people's code between."""

import numpy as np
import pytest
from sklearn.metrics import log_loss, mean_tweedie_deviance

from training.tuning.losses import unexplained

RNG = np.random.default_rng(7)
HAPPENED = (RNG.random(500) < 0.3).astype(float)
CLASSES = RNG.integers(0, 3, 500).astype(float)
MONEY = np.where(RNG.random(500) < 0.4, 0.0, RNG.gamma(2, 30, 500))


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
