"""How much of an outcome a booster leaves unexplained: its loss over that of the best constant."""

from collections.abc import Callable

import numpy as np

from features.fixed import Floats

_CLIP = 1e-15
"""Probabilities are kept this far from 0 and 1 in logarithms."""

POWER = 1.5
"""Variance power of the Tweedie deviance by which spend is judged: that of the booster itself."""


def unexplained(part: str, truth: Floats, said: Floats) -> float:
    """Loss of a forecast over the loss of the best constant.

    Log loss for what happens or not and for classes, Tweedie deviance (Jorgensen, 1997) for spend.

    Args:
        part: part of the model.
        truth: 0 or 1, a class, or money, shape (n,).
        said: probability, shape (n,); of each class, (n, k); or money, (n,).
    """
    return _LOSSES[part](truth, said)


def moved(said: Floats, truth: Floats, begin: float, trust: float) -> float:
    """Shift of the log odds that brings their level part of the way to that of a calibration cut-off (Newton's method).

    Slopes are left alone: what is compared is who is told from whom; the level
    of a shop moves under every set of parameters alike.

    Args:
        said: probabilities on the calibration cut-offs, shape (n,).
        truth: what happened there, 0 or 1, shape (n,).
        begin: shift without these outcomes.
        trust: 0 stays there, 1 goes the whole way.
    """
    logit, rate, shift = log_odds(said), float(np.mean(truth)), begin
    if not 0 < rate < 1:
        return begin
    for _ in range(12):
        p = sigmoid(logit + shift)
        shift += float(np.clip((rate - p.mean()) / max(float((p * (1 - p)).mean()), 1e-9), -2, 2))
    return (1 - trust) * begin + trust * shift


def log_odds(p: Floats) -> Floats:
    """Log odds of probabilities, which are kept away from 0 and 1."""
    kept = np.clip(p, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept) - np.log1p(-kept))


def sigmoid(logit: Floats) -> Floats:
    """Probabilities of log odds."""
    return np.asarray(1 / (1 + np.exp(-logit)))


def _yes_or_no(truth: Floats, p: Floats) -> float:
    rate, kept = truth.mean(), np.clip(p, _CLIP, 1 - _CLIP)
    loss = -np.where(truth > 0, np.log(kept), np.log1p(-kept)).mean()
    return float(loss / -(rate * np.log(rate) + (1 - rate) * np.log1p(-rate)))


def _classes(truth: Floats, p: Floats) -> float:
    code = truth.astype(np.int64)
    share = np.bincount(code) / len(code)
    entropy = -(share[share > 0] * np.log(share[share > 0])).sum()
    return float(-np.log(np.clip(p[np.arange(len(code)), code], _CLIP, 1)).mean() / entropy)


def _spend(truth: Floats, said: Floats) -> float:
    return _deviance(truth, said) / _deviance(truth, np.full(len(truth), truth.mean()))


def _deviance(truth: Floats, said: Floats) -> float:
    mean = np.maximum(said, 1e-9)
    own = truth ** (2 - POWER) / ((1 - POWER) * (2 - POWER))
    return float(2 * (own - truth * mean ** (1 - POWER) / (1 - POWER) + mean ** (2 - POWER) / (2 - POWER)).mean())


_LOSSES: dict[str, Callable[[Floats, Floats], float]] = {
    "order": _yes_or_no,
    "regression": _yes_or_no,
    "otherwise": _classes,
    "spend": _spend,
}
