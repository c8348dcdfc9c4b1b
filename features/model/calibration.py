"""Calibration maps of a probability: three numbers each, smooth."""

import numpy as np
from pydantic import ConfigDict, Field

from features.config import Strict
from features.fixed import Floats

SMALLEST = 1e-6


class BetaMap(Strict):
    """logit(p') = a ln(p) - b ln(1 - p) + c, with a, b >= 0.

    Kull, Silva Filho, Flach (2017), "Beta calibration", AISTATS. a = b = 1 and
    c = 0 change nothing.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    a: float = Field(default=1.0, ge=0)
    b: float = Field(default=1.0, ge=0)
    c: float = 0.0

    def __call__(self, p: Floats) -> Floats:
        """Calibrated probabilities of raw ones; both within [1e-6, 1 - 1e-6]."""
        raw = np.clip(p, SMALLEST, 1 - SMALLEST)
        logit = self.a * np.log(raw) - self.b * np.log1p(-raw) + self.c
        return probability(logit)


class Blend(Strict):
    """logit(p') = w logit(p) + v z + c, with w, v >= 0: a booster beside the log odds z of a plainer model.

    w = 1 and v = c = 0 change nothing.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    w: float = Field(default=1.0, ge=0)
    v: float = Field(default=0.0, ge=0)
    c: float = 0.0

    def logit(self, p: Floats, z: Floats) -> Floats:
        """Blended log odds of raw probabilities and of other log odds, each of shape (n,)."""
        return self.w * log_odds(p) + self.v * z + self.c


def log_odds(p: Floats) -> Floats:
    """ln(p / (1 - p)) of probabilities held within [1e-6, 1 - 1e-6]."""
    raw = np.clip(p, SMALLEST, 1 - SMALLEST)
    return np.asarray(np.log(raw) - np.log1p(-raw), dtype=np.float64)


def probability(logit: Floats) -> Floats:
    """Probabilities of log odds, held within [1e-6, 1 - 1e-6]."""
    return np.clip(_sigmoid(logit), SMALLEST, 1 - SMALLEST)


def _sigmoid(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logit, -50, 50))), dtype=np.float64)
