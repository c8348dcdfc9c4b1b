"""What moves a customer's risk of regression, concept by concept, against a typical customer."""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Self

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.model.calibration import log_odds, probability
from features.model.concepts import places
from features.model.explain import Contributions, contributions
from features.model.forecast import Model
from features.model.next_stage import mixed, moved
from features.model.shares import shapley_values
from features.model.waiting import COLUMNS
from features.stages.moves import Stage

_ALIKE = 1e-9


def risk_weights(model: Model, features: pd.DataFrame, threads: int = 0) -> pd.DataFrame:
    """Weight of each concept on each customer's log odds of regression, against the typical customer's.

    The typical customer (`Model.typical`) is not in regression. Three things
    make the probability of regression: that of an order, that of regression
    after one, and what the stage machine says without one. What each has to do
    with the difference of the log odds is its Shapley value. That of the machine
    is the outlook's; the other two are passed on to the concepts in proportion
    to what these contribute there (the rescale rule of Chen, Lundberg, Lee 2022,
    "Explaining a series of models by propagating Shapley values", Nature
    Communications 13). So a row's weights sum to its log odds less the typical
    customer's.

    Returns:
        One column a concept; positive raises the risk. Raises as `contributions`.
    """
    here, typical = _Made.of(model, features, threads), _Made.of(model, typical_row(model), threads=1)
    order, after, silent = shapley_values(typical.of_three, here.of_three, partial(_risk, model))
    weights = _passed_on(order, here.to_order - typical.to_order + _to_waiting(model, typical, here))
    weights += _passed_on(after, here.regression.values - typical.regression.values)
    weights[:, here.place["stage_if_silent"]] += silent
    titles = [one.title for one in here.regression.concepts]
    return pd.DataFrame(weights, columns=titles, index=features.index)


def typical_row(model: Model) -> pd.DataFrame:
    """The typical customer as one row of features; NaN where nothing is typical."""
    return pd.DataFrame({name: [model.typical.get(name, np.nan)] for name in model.contract.features})


@dataclass(frozen=True)
class _Made:
    """What the risk of some rows is made of.

    Attributes:
        of_three: log odds of an order, those of regression after one, and whether
            the machine says regression without one; each of shape (n,).
        to_order: what each concept contributes to the first by the booster, shape (n, concepts).
        regression: contributions to the second, before calibration.
        seen: what MBG/NBD looks at, so that each may change alone: days since the last
            order-day, days from the first to it, order-days; each of shape (n,).
    """

    of_three: tuple[Floats, Floats, Floats]
    to_order: Floats
    regression: Contributions
    seen: tuple[Floats, Floats, Floats]

    @classmethod
    def of(cls, model: Model, features: pd.DataFrame, threads: int) -> Self:
        order, regression = (contributions(model, part, features, threads) for part in ("order", "regression"))
        seen = _seen(features) if model.calibration.waiting else (np.zeros(len(features)),) * 3
        blend, beta = model.calibration.order, model.calibration.regression
        z = blend.logit(probability(order.raw), _waiting(model, *seen)) + model.season
        u = log_odds(beta(probability(regression.raw)))
        silent = (features["stage_if_silent"].to_numpy() == Stage.REGRESSION).astype(np.float64)
        return cls((z, u, silent), blend.w * order.values, regression, seen)

    @cached_property
    def place(self) -> dict[str, int]:
        """The concept that each feature belongs to."""
        return places(self.regression.concepts)


def _risk(model: Model, order: Floats, after: Floats, silent: Floats) -> Floats:
    """Log odds of regression; see `features.model.next_stage`."""
    return log_odds(mixed(moved(probability(order), model.calibration.surprise), silent, probability(after)))


def _seen(features: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    recency, tenure, order_days = (features[name].to_numpy(np.float64) for name in COLUMNS)
    return recency, tenure - recency, order_days


def _waiting(model: Model, recency: Floats, active: Floats, order_days: Floats) -> Floats:
    """Log odds of an order by MBG/NBD; 0 where the model has none."""
    silent, age, orders = np.broadcast_arrays(recency, active + recency, order_days)
    waiting = model.calibration.waiting
    return waiting.logit(silent, age, orders, model.contract.period_days) if waiting else np.zeros(silent.shape)


def _to_waiting(model: Model, typical: _Made, here: _Made) -> Floats:
    """What concepts contribute to the log odds of an order through MBG/NBD, shape (n, concepts)."""
    found = np.zeros(here.to_order.shape)
    if model.calibration.waiting:
        values = shapley_values(typical.seen, here.seen, partial(_waiting, model))
        for name, value in zip(COLUMNS, values, strict=True):
            found[:, here.place[name]] += model.calibration.order.v * value
    return found


def _passed_on(total: Floats, parts: Floats) -> Floats:
    """A number a row, shape (n,), dealt out in proportion to parts, shape (n, k), that may be of either sign."""
    whole = parts.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(np.abs(whole) > _ALIKE, total / whole, 0.0)
    return np.asarray(parts * factor[:, None], dtype=np.float64)
