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
    return float(by_row(part, truth, said).mean())


def by_row(part: str, truth: Floats, said: Floats) -> Floats:
    """What each row has to do with `unexplained`, which is the mean; shape (n,)."""
    return _LOSSES[part](truth, said)


def _yes_or_no(truth: Floats, p: Floats) -> Floats:
    rate, kept = truth.mean(), np.clip(p, _CLIP, 1 - _CLIP)
    losses = -np.where(truth > 0, np.log(kept), np.log1p(-kept))
    return np.asarray(losses / -(rate * np.log(rate) + (1 - rate) * np.log1p(-rate)))


def _classes(truth: Floats, p: Floats) -> Floats:
    code = truth.astype(np.int64)
    share = np.bincount(code) / len(code)
    entropy = -(share[share > 0] * np.log(share[share > 0])).sum()
    return np.asarray(-np.log(np.clip(p[np.arange(len(code)), code], _CLIP, 1)) / entropy)


def _spend(truth: Floats, said: Floats) -> Floats:
    return np.asarray(_deviance(truth, said) / _deviance(truth, np.full(len(truth), truth.mean())).mean())


def _deviance(truth: Floats, said: Floats) -> Floats:
    mean = np.maximum(said, 1e-9)
    own = truth ** (2 - POWER) / ((1 - POWER) * (2 - POWER))
    return np.asarray(2 * (own - truth * mean ** (1 - POWER) / (1 - POWER) + mean ** (2 - POWER) / (2 - POWER)))


_LOSSES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "order": _yes_or_no,
    "regression": _yes_or_no,
    "otherwise": _classes,
    "spend": _spend,
}
