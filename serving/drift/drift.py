"""Drift as a decision: has the world moved away from what the model was trained on, and what is to be done?"""

from typing import Literal

from features.config import Strict

Decision = Literal["fine", "recalibrate", "retrain", "investigate"]


class Moved(Strict):
    """One feature, or one probability, that moved.

    Attributes:
        name: the feature.
        words: what it means.
        size: Jensen-Shannon distance to training, from 0 (the same) to 1.
        normal: the distance that was normal between cut-offs of training.
        weight: its share of the model's gain; 0 for a probability.
        how: in which direction, in words.
    """

    name: str
    words: str
    size: float
    normal: float
    weight: float
    how: str


class Drift(Strict):
    """What has moved since training, and what follows from it.

    Attributes:
        verdict: `fine`, `recalibrate`, `retrain` or `investigate`.
        why: one sentence or two.
        features: those that moved most, by size and weight, strongest first.
        moved: share of the model's gain that lies in features that moved further than is normal.
        scores: `p_regression` and `p_order` against training.
        calibration: what the newest grades say of it; None without any.
    """

    verdict: Decision
    why: str
    features: tuple[Moved, ...]
    moved: float
    scores: tuple[Moved, ...]
    calibration: str | None = None
