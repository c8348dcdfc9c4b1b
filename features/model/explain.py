"""Why a model says what it says: exact contributions of each concept."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.errors import ModelError
from features.fixed import Floats
from features.model.booster import read_booster
from features.model.columns import trained_columns
from features.model.concepts import Concept, concepts, places
from features.model.forecast import Model
from features.model.shapley import shapley_sums


@dataclass(frozen=True)
class Contributions:
    """What each concept adds to the raw score of each row.

    Attributes:
        values: SHAP values summed over the concept's features, shape (n, concepts).
        base: mean raw score over the rows the booster was fitted on;
            `base + values.sum(axis=1)` is each row's raw score.
        concepts: in the order of the columns.
    """

    values: Floats
    base: float
    concepts: tuple[Concept, ...]

    @property
    def raw(self) -> Floats:
        """Raw score of each row, shape (n,)."""
        return np.asarray(self.base + self.values.sum(axis=1), dtype=np.float64)

    def frame(self) -> pd.DataFrame:
        """The values as a table, one column a concept; `.abs().mean()` is the usual summary."""
        return pd.DataFrame(self.values, columns=[one.title for one in self.concepts])


def contributions(model: Model, part: str, features: pd.DataFrame, threads: int = 0) -> Contributions:
    """Exact SHAP values of one booster, by concept: those of LightGBM's `pred_contrib`, added up.

    Args:
        model: the model.
        part: `order`, or of those who order `regression` (the score is the
            booster's log odds, before calibration) or `spend` (its log).
        features: one column a feature of the model's contract.
        threads: batches of rows at a time; 0 for one on each core.

    Raises:
        ModelError: a feature is missing, is there twice, or is of another
            type; or the part has several outputs.
    """
    trained_columns(features.head(0), model.contract)
    names = model.contract.features
    found = tuple(concepts(model.contract))
    place = places(found)
    trees = read_booster(model.boosters[part]).outputs
    if len(trees) > 1:
        raise ModelError(
            "a part of several outputs cannot be explained", got=part, allowed="order, regression or spend"
        )
    groups = np.array([place[name] for name in names])
    values = shapley_sums(trees[0].small, lambda k: features[names[k]].to_numpy(), groups, len(features), threads)
    return Contributions(values, trees[0].mean, found)
