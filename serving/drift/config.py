"""Configuration of drift."""

from pydantic import Field

from features.config import Strict


class DriftConfig(Strict):
    """When drift is told, and what follows; `[serving.drift]`.

    Attributes:
        margin: a feature has moved when it is so many times as far from training as features of its kind
            were within training after the same time.
        least: distances up to this are never told.
        share: share of the model's gain in features that moved, from which on the model is to be trained anew.
        jump: the same of features that jumped, or vanished, within one week, from which on the data are suspected:
            in half a year of four real shops it was a thousandth at most.
        oldest: weeks after which it is to be trained anew in any case.
    """

    margin: float = Field(default=1.5, ge=1)
    least: float = Field(default=0.1, gt=0, lt=1)
    share: float = Field(default=0.3, gt=0, le=1)
    jump: float = Field(default=0.1, gt=0, le=1)
    oldest: int = Field(default=52, ge=4)
