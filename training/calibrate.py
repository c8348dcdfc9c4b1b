"""Fit the calibration maps, on cut-offs newer than those the boosters saw."""

import numpy as np
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from features.fixed import Floats, Ints
from features.model.calibration import SMALLEST, BetaMap, Blend, log_odds, probability
from features.stages.moves import Booleans

FEWEST = 50
"""Fewest outcomes of either kind for a map of three numbers; below, only the level is moved."""

SHARE = 0.3
"""What MBG/NBD weighs beside the booster before any outcome is seen: right on three shops of four."""

_HOLD = 10.0
"""How firmly the weights are held there: a standard deviation of a third."""

_PRIOR = 1e4
"""Variance of a normal prior on the slopes: so wide that it only keeps them finite."""


def middle(outcome: Booleans) -> float:
    """Log odds of an outcome over all rows; half a yes and half a no are added."""
    rate = (outcome.sum() + 0.5) / (len(outcome) + 1)
    return float(np.log(rate) - np.log1p(-rate))


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
    known, code = np.unique(cutoff, return_inverse=True)
    log_odds = np.array([middle(outcome[code == k]) for k in range(len(known))])
    return log_odds[code], float(log_odds.mean())


def seasons(cutoff: Ints, outcome: Booleans, expected: Floats) -> tuple[Floats, float]:
    """Where a booster begins when it is known what to expect: the log odds of all, moved by each cut-off's season.

    The season is how far a cut-off is off from what was expected of its
    customers. Its level also holds that customers grow older; without that a
    shop whose customers leave would for ever be thought to do as well as a
    year ago.

    Args:
        cutoff: cut-off of each row, shape (n,).
        outcome: what happened, shape (n,).
        expected: log odds that a model without seasons gives, shape (n,).

    Returns:
        Where each row begins, shape (n,), and the log odds of all.
    """
    moved, begin = off_from(cutoff, outcome, expected), middle(outcome)
    return begin + (moved - moved.mean())[np.unique(cutoff, return_inverse=True)[1]], begin


def off_from(cutoff: Ints, outcome: Booleans, expected: Floats) -> Floats:
    """How far each cut-off is off from what was expected: a shift of log odds, shape (cut-offs,), in their order."""
    known, code = np.unique(cutoff, return_inverse=True)
    return np.array([shift(expected[code == k], outcome[code == k]) for k in range(len(known))])


def fit_blend(  # noqa: PLR0913, PLR0917 - what two models say, what came, and how far it is followed
    p: Floats, z: Floats | None, outcome: Booleans, begun: float, trust: float, season: Floats | float = 0.0
) -> Blend:
    """How a booster and a plainer model become one: weights from the newest outcomes, the level only in part.

    The weights are the likeliest under a normal prior, round 0.7 and 0.3. The
    level is what the plainer model expects on the whole, moved towards that of
    the newest outcomes by `trust`: a shop's level moves more from one period to
    the next than one cut-off can tell. The booster's own level is that of the
    past year on the whole, and says less of the next period than MBG/NBD.

    Args:
        p: raw probabilities of the booster, shape (n,).
        z: log odds of the plainer model, shape (n,), if there is one; without it the booster's level stands in.
        outcome: what happened, shape (n,).
        begun: log odds that boosting began at, put back here.
        trust: 0 keeps the level that was expected, 1 follows the newest outcomes.
        season: log odds that these rows' cut-offs are known to add, which is no news of the level.
    """
    booster = log_odds(p) + begun
    expected = booster if z is None else z
    prior = np.array([1.0, 0.0] if z is None else [1 - SHARE, SHARE])
    x = np.column_stack([booster, np.zeros(len(p)) if z is None else z])
    weights = _weights(x, outcome, prior) if outcome.any() and not outcome.all() else prior
    blended = (x * weights).sum(axis=1)
    kept = level_to(blended, float(probability(expected).mean()))
    level = (1 - trust) * kept + trust * shift(blended + season, outcome)
    return Blend(w=float(weights[0]), v=float(weights[1]), c=float(weights[0]) * begun + level)


def _weights(x: Floats, outcome: Booleans, prior: Floats) -> Floats:
    """Weights >= 0 of two columns of log odds: logistic with a free level, ridge towards the prior."""
    start = np.array([*prior, 0.0])
    hold = np.array([_HOLD, _HOLD, 0.0])

    def loss(theta: Floats) -> tuple[float, Floats]:
        logit = (x * theta[:2]).sum(axis=1) + theta[2]
        off, away = probability(logit) - outcome, theta - start
        value = np.logaddexp(0, logit).sum() - logit[outcome].sum() + (hold * away**2).sum() / 2
        return float(value), np.array([*(x * off[:, None]).sum(axis=0), off.sum()]) + hold * away

    bounds = [(0, None), (0, None), (-20, 20)]
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x[:2])


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
        return BetaMap(c=level_to(log_odds(raw), float(outcome.mean())))
    return _slopes(np.column_stack([np.log(raw), -np.log1p(-raw)]), outcome)


def _slopes(x: Floats, outcome: Booleans) -> BetaMap:
    fit = LogisticRegression(C=_PRIOR, max_iter=1000).fit(x, outcome)
    slopes = fit.coef_[0]
    if (slopes < 0).any():
        return _slopes(np.where(slopes < 0, 0.0, x), outcome)
    return BetaMap(a=float(slopes[0]), b=float(slopes[1]), c=float(fit.intercept_[0]))


def shift(logit: Floats, outcome: Booleans) -> float:
    """Shift of log odds that makes the mean probability the observed rate; half a yes and half a no are added."""
    return level_to(logit, float((outcome.sum() + 0.5) / (len(outcome) + 1)))


def level_to(logit: Floats, rate: float) -> float:
    """Shift of log odds that makes the mean probability a given rate, by Newton's method."""
    shift = 0.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-(logit + shift)))
        step = (rate - p.mean()) / max(float((p * (1 - p)).mean()), 1e-9)
        shift += float(np.clip(step, -2, 2))
        if abs(step) < 1e-13:
            break
    return shift
