"""Why a model says what it says: exact contributions of each concept."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from features.fixed import Floats
from features.model.calibration import SMALLEST
from features.model.columns import trained_columns
from features.model.concepts import Concept, concepts
from features.model.forecast import Model
from features.model.forest import read_forest
from features.model.shapley import shapley_sums

_ALIKE = 1e-9
_forest = lru_cache(maxsize=8)(read_forest)


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
        part: `regression` or `order` (the score is the booster's log odds,
            before calibration), or `spend` (the log of the spend of those who
            order).
        features: one column a feature of the model's contract.
        threads: batches of rows at a time; 0 for one on each core.

    Raises:
        ModelError: a feature is missing, is there twice, or is of another
            type; or the part has several outputs.
    """
    trained_columns(features.head(0), model.contract)
    names = model.contract.features
    found = tuple(concepts(model.contract))
    place = {name: k for k, concept in enumerate(found) for name in concept.columns}
    forest, base = _forest(model.boosters[part])
    groups = np.array([place[name] for name in names])
    values = shapley_sums(forest, lambda k: features[names[k]].to_numpy(), groups, len(features), threads)
    return Contributions(values, base, found)


def risk_weights(model: Model, features: pd.DataFrame, threads: int = 0) -> pd.DataFrame:
    """Weight of each concept on each customer's log odds of regression, against the typical customer's.

    The typical customer (`Model.typical`) is not in regression. A weight is the
    difference of the two contributions, times the factor by which calibration
    stretches the difference of the two log odds (the rescale rule of Chen,
    Lundberg, Lee 2022, "Explaining a series of models by propagating Shapley
    values", Nature Communications 13). So a row's weights sum to its calibrated
    log odds less the typical customer's; calibration changes neither their
    signs nor their order.

    Returns:
        One column a concept; positive raises the risk. Raises as `contributions`.
    """
    found = contributions(model, "regression", features, threads)
    typical = contributions(model, "regression", typical_row(model), threads=1)
    apart = found.raw - typical.raw
    with np.errstate(divide="ignore", invalid="ignore"):
        stretched = (_calibrated(model, found.raw) - _calibrated(model, typical.raw)) / apart
    factor = np.where(np.abs(apart) > _ALIKE, stretched, 1.0)
    weights = (found.values - typical.values) * factor[:, None]
    return pd.DataFrame(weights, columns=[one.title for one in found.concepts], index=features.index)


def typical_row(model: Model) -> pd.DataFrame:
    """The typical customer as one row of features; NaN where nothing is typical."""
    return pd.DataFrame({name: [model.typical.get(name, np.nan)] for name in model.contract.features})


def _calibrated(model: Model, log_odds: Floats) -> Floats:
    p = np.clip(model.calibration.regression(expit(log_odds)), SMALLEST, 1 - SMALLEST)
    return np.asarray(logit(p), dtype=np.float64)
