"""Fit the calibration maps, on cut-offs newer than those the boosters saw."""

import numpy as np
from sklearn.linear_model import LogisticRegression

from features.fixed import Floats, Ints
from features.model.calibration import SMALLEST, BetaMap
from features.stages.moves import Booleans

FEWEST = 50
"""Fewest outcomes of either kind for a map of three numbers; below, only the level is moved."""

_PRIOR = 1e4
"""Variance of a normal prior on the slopes: so wide that it only keeps them finite."""


def levels(cutoff: Ints, outcome: Booleans) -> tuple[Floats, float]:
    """Log odds of the outcome at each cut-off: where a booster begins, so that it learns who, not when.

    A shop's level moves from cut-off to cut-off. A booster that begins at one
    level for all of them spends its trees on telling the cut-offs apart.

    Args:
        cutoff: cut-off of each row, shape (n,).
        outcome: what happened, shape (n,).

    Returns:
        The log odds of each row's cut-off, shape (n,), and their mean over cut-offs.
    """
    _, code = np.unique(cutoff, return_inverse=True)
    rows, yes = np.bincount(code), np.bincount(code, weights=outcome)
    rate = (yes + 0.5) / (rows + 1)
    log_odds = np.log(rate) - np.log1p(-rate)
    return log_odds[code], float(log_odds.mean())


def fit_map(p: Floats, outcome: Booleans, before: BetaMap, trust: float) -> BetaMap:
    """The calibration map, followed only part of the way: log odds between what was believed before and it.

    Args:
        p: raw probabilities, shape (n,).
        outcome: what happened, shape (n,).
        before: the map without these outcomes: the level of the cut-offs the booster was fitted on.
        trust: 0 keeps the map from before, 1 follows the new one wholly.
    """
    if outcome.all() or not outcome.any():
        return before
    new = fit_beta(p, outcome)
    a, b, c = (
        (1 - trust) * old + trust * fitted for old, fitted in ((before.a, new.a), (before.b, new.b), (before.c, new.c))
    )
    return BetaMap(a=a, b=b, c=c)


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
