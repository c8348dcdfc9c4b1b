"""Drift as a decision: has the world moved away from what the model was trained on, and what is to be done?"""

from typing import Literal

from features.config import Strict

Decision = Literal["fine", "recalibrate", "retrain", "investigate"]


class Moved(Strict):
    """One feature, or one probability, beside training.

    Attributes:
        name: the feature.
        words: what it means.
        size: Jensen-Shannon distance to training, from 0 (the same) to 1.
        normal: the distance up to which it would be normal after this time.
        weight: its share of the model's gain; 0 for a probability.
        how: in which direction, in words.
    """

    name: str
    words: str
    size: float
    normal: float
    weight: float
    how: str

    @property
    def beyond(self) -> bool:
        """Whether it is further away than is normal."""
        return self.size > self.normal


class Drift(Strict):
    """What has moved since training, and what follows from it.

    Attributes:
        verdict: `fine`, `recalibrate`, `retrain` or `investigate`.
        why: the reason, in a sentence or two.
        features: those that moved most, by how far beyond normal and by weight, strongest first.
        moved: share of the model's gain that lies in features further away than is normal.
        scores: the probabilities beside those in training.
        calibration: what the newest grades say of it; None without any.
    """

    verdict: Decision
    why: str
    features: tuple[Moved, ...]
    moved: float
    scores: tuple[Moved, ...]
    calibration: str | None = None
