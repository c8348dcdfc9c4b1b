"""A LightGBM booster read from its text: it predicts what LightGBM would, many times faster, and runs no code of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.model.forest import Trees, read_trees, refused
from features.model.scoring import raw_scores

_IN_TURN, _FEATURES, _OBJECTIVE = "num_tree_per_iteration", "feature_names", "objective"


@dataclass(frozen=True)
class Booster:
    """Sums of trees.

    Attributes:
        features: their names, in the order in which the trees count them.
        outputs: the trees of each output.
        link: makes predictions of raw scores, shape (n, outputs).
    """

    features: tuple[str, ...]
    outputs: tuple[Trees, ...]
    link: Callable[[Floats], Floats]

    @classmethod
    def of(cls, text: str) -> Self:
        """The booster that LightGBM has written down.

        Raises:
            ModelError: this is no such text, or another kind of model.
        """
        try:
            return cls._read(text)
        except (ValueError, KeyError, IndexError) as error:
            raise refused(f"a text that is none of LightGBM's: {type(error).__name__}: {error}") from None

    @classmethod
    def _read(cls, text: str) -> Self:
        head, *trees = (block.partition("\n\n")[0] for block in text.split("\nTree="))
        said = dict(line.split("=", 1) for line in head.splitlines() if "=" in line)
        if "average_output" in head.splitlines():
            raise refused("an average of trees")
        blocks = [tree.partition("\n")[2] for tree in trees]
        outputs = int(said[_IN_TURN])
        if not 0 < outputs <= max(len(blocks), 1):
            raise refused(f"{len(blocks)} trees for {outputs} outputs")
        features = tuple(said[_FEATURES].split(" "))
        sums = tuple(read_trees(blocks[k::outputs]) for k in range(outputs))
        if any(not 0 <= k < len(features) for trees in sums for k in trees.asked):
            raise refused("trees that ask for features which are not named")
        return cls(features, sums, _link(said[_OBJECTIVE]))

    def raw(self, features: pd.DataFrame, threads: int = 0) -> Floats:
        """Raw scores, shape (n, outputs): LightGBM's own, bit by bit.

        Args:
            features: the columns, in the booster's order.
            threads: batches of rows at a time; 0 for one on each core.
        """
        scores = np.empty((len(self.outputs), len(features)))
        for trees, of_one in zip(self.outputs, scores, strict=True):
            of_one[:] = trees.start
            raw_scores(trees.large, lambda k: features.iloc[:, k].to_numpy(), of_one, threads)
        return scores.T

    def predict(self, features: pd.DataFrame, threads: int = 0) -> Floats:
        """Predictions: shape (n,), or (n, outputs) of several; arguments as `raw`."""
        with np.errstate(over="ignore"):
            found = self.link(self.raw(features, threads))
        return found[:, 0] if found.shape[1] == 1 else found


read_booster = lru_cache(maxsize=16)(Booster.of)
"""`Booster.of`, once for each text."""


def _sigmoid(raw: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-raw)), dtype=np.float64)


def _softmax(raw: Floats) -> Floats:
    high = np.exp(raw - raw.max(axis=1, keepdims=True))
    return np.asarray(high / high.sum(axis=1, keepdims=True), dtype=np.float64)


_LINKS: dict[str, Callable[[Floats], Floats]] = {
    "binary sigmoid:1": _sigmoid,
    "multiclass": _softmax,
    "tweedie": np.exp,
    "regression": np.asarray,
}
"""What an objective, as LightGBM writes it, makes of raw scores."""


def _link(objective: str) -> Callable[[Floats], Floats]:
    name = objective.partition(" num_class:")[0]
    if name not in _LINKS:
        raise refused(f"the objective '{objective}'")
    return _LINKS[name]
