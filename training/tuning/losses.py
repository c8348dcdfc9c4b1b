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
