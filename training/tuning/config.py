"""Configuration of tuning."""

from typing import Literal

from pydantic import Field

from features.config import Strict

Part = Literal["order", "regression", "otherwise", "spend"]


class TuningConfig(Strict):
    """How to look for better parameters of the boosters.

    Attributes:
        trials: sets of parameters to try in all, those of earlier sessions included.
        folds: how often a set is judged, each time a period earlier; fewer in a short log.
        rows: rows a booster is fitted on at most: cut-offs are thinned out, then customers are left out.
        workers: processes that try sets side by side; they share the threads.
        targets: parts of the model whose losses count, all alike. The spend is
            left out: a few large orders decide its loss.
    """

    trials: int = Field(default=50, ge=1)
    folds: int = Field(default=3, ge=1)
    rows: int = Field(default=50_000, ge=1000)
    workers: int = Field(default=1, ge=1)
    targets: tuple[Part, ...] = Field(default=("order", "regression", "otherwise"), min_length=1)
