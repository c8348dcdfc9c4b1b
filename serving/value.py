"""Value: the profit a customer is expected to bring, and how much of it is at risk.

What a customer will spend is the model's to say; what of that is profit is the shop's, so it is
worked out where the shop's own figures are, and a new margin needs no new model.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from pydantic import Field

from features.clock import WEEK
from features.config import Strict
from features.errors import UsageError
from features.fixed import Floats
from features.model.ahead import YEAR
from features.model.forecast import Forecast


class ValueConfig(Strict):
    """What of the spend is profit, in the money of the orders.

    Attributes:
        margin: share of net spend that is left when the goods are paid for.
        cost_per_order: cost of serving an order-day: picking, packing, sending.
        cost_per_week: cost of serving a customer for a week, whatever is bought.
        cost_feature: a feature that says what serving each customer has cost in
            the last 52 weeks, such as `service_sum_52w` of the events
            `service`; as much is expected again.
    """

    margin: float = Field(default=1.0, gt=0, le=1)
    cost_per_order: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    cost_per_week: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    cost_feature: str | None = Field(default=None, min_length=1)


@dataclass(frozen=True)
class Value:
    """Of each customer, shape (n,); NaN where the model expects no spend of a year.

    Attributes:
        year: profit expected in 52 weeks; below zero for who costs more than is earned.
        at_risk: how much higher it would be if regression one period later were ruled out.
    """

    year: Floats
    at_risk: Floats

    @classmethod
    def of(cls, forecast: Forecast, features: pd.DataFrame, config: ValueConfig) -> "Value":
        """The value of customers.

        Args:
            forecast: of the customers.
            features: theirs.
            config: what of the spend is profit.

        Raises:
            UsageError: `cost_feature` names no feature of the model.
        """
        earned = config.margin * forecast.year.spend - config.cost_per_order * forecast.year.orders
        served = config.cost_per_week * (YEAR / WEEK) + _has_cost(features, config.cost_feature)
        return cls(earned - served, forecast.lost_by_regression * np.maximum(earned, 0.0))


def _has_cost(features: pd.DataFrame, name: str | None) -> Floats | float:
    if name is None:
        return 0.0
    if name not in features:
        raise UsageError(
            "the cost to serve is no feature of the model",
            got=f"cost_feature = {name} in [serving.value]",
            allowed="a feature the model was trained with: see stagecast features --catalogue",
            remedy="declare the events with their costs under [features.events.NAME], and train the model anew",
        )
    return features[name].fillna(0.0).to_numpy(np.float64)
