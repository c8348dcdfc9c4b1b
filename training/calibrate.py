"""Fit the calibration maps, on cut-offs newer than those the boosters saw."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from features.fixed import Floats
from features.model.calibration import SMALLEST, BetaMap
from features.stages.moves import Booleans

FEWEST = 50
"""Fewest outcomes of either kind for a map of three numbers; below, only the level is moved."""

_PRIOR = 1e4
"""Variance of a normal prior on the slopes: so wide that it only keeps them finite."""


def fit_map(p: Floats, outcome: Booleans, trust: float) -> BetaMap:
    """The calibration map, followed only part of the way: log odds between raw and calibrated.

    Args:
        p: raw probabilities, shape (n,).
        outcome: what happened, shape (n,).
        trust: 0 leaves the raw probabilities alone, 1 follows the map wholly.
    """
    whole = fit_beta(p, outcome)
    return BetaMap(a=1 + trust * (whole.a - 1), b=1 + trust * (whole.b - 1), c=trust * whole.c)


def fit_beta(p: Floats, outcome: Booleans) -> BetaMap:
    """Beta calibration of raw probabilities by logistic regression on (ln p, -ln(1 - p)).

    A slope that would be negative is set to zero and the rest fitted again, as
    in Kull et al. (2017). With few outcomes only the intercept is fitted, and
    with outcomes of one kind only, nothing is.

    Args:
        p: raw probabilities, shape (n,).
        outcome: what happened, shape (n,).
    """
    raw = np.clip(p, SMALLEST, 1 - SMALLEST)
    rarer = int(min(outcome.sum(), (~outcome).sum()))
    if rarer == 0:
        return BetaMap()
    if rarer < FEWEST:
        return BetaMap(c=_level(np.log(raw) - np.log1p(-raw), outcome))
    return _slopes(np.column_stack([np.log(raw), -np.log1p(-raw)]), outcome)


def _slopes(x: Floats, outcome: Booleans) -> BetaMap:
    fit = LogisticRegression(C=_PRIOR, max_iter=1000).fit(x, outcome)
    slopes = fit.coef_[0]
    if (slopes < 0).any():
        return _slopes(np.where(slopes < 0, 0.0, x), outcome)
    return BetaMap(a=float(slopes[0]), b=float(slopes[1]), c=float(fit.intercept_[0]))


def _level(logit: Floats, outcome: Booleans) -> float:
    """Shift of the logits that makes the mean probability the observed rate (Newton's method)."""
    shift = 0.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-(logit + shift)))
        step = (outcome.mean() - p.mean()) / max(float((p * (1 - p)).mean()), 1e-9)
        shift += float(np.clip(step, -2, 2))
    return shift


def spend_scale(predicted: Floats, spend: Floats) -> float:
    """Factor that makes the predicted total of the calibration cut-offs the real one, within a factor of four."""
    if predicted.sum() <= 0 or spend.sum() <= 0:
        return 1.0
    return float(np.clip(spend.sum() / predicted.sum(), 0.25, 4.0))
