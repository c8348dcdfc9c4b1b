"""What the gate measures: a number a snapshot whose mean says how good a forecast is."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.fixed import Floats
from features.stages.moves import Stage
from training import metrics
from training.config import Costs
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION, SPEND, Forecasts
from training.profit import earned

Values = Callable[[Forecasts, Floats, Costs], Floats]


@dataclass(frozen=True)
class Measure:
    """One number of a forecast.

    Attributes:
        target: what is forecast.
        name: of the number.
        better: 1 where more is better, -1 where less is.
        values: of what a predictor said, shape (n,); NaN on snapshots that do not count.
        money: whether it means something only where the orders have money.
    """

    target: str
    name: str
    better: int
    values: Values
    money: bool = False

    @property
    def title(self) -> str:
        """As it stands in sentences."""
        return f"{self.target}, {self.name}"


def _of_order(forecasts: Forecasts, p: Floats, _: Costs) -> Floats:
    return metrics.log_losses(forecasts.ordered, p)


def _of_regression(forecasts: Forecasts, p: Floats, _: Costs) -> Floats:
    return metrics.log_losses(forecasts.next_stage == Stage.REGRESSION, p)


def _of_next_stage(forecasts: Forecasts, p: Floats, _: Costs) -> Floats:
    return metrics.stage_log_losses(forecasts.next_stage, p)


def _of_profit(forecasts: Forecasts, p: Floats, costs: Costs) -> Floats:
    """A campaign speaks to customers who are not in regression yet."""
    profit = earned(forecasts.next_stage == Stage.REGRESSION, p, costs)
    return np.where(forecasts.stage == Stage.REGRESSION, np.nan, profit)


def _of_spend(forecasts: Forecasts, expected: Floats, _: Costs) -> Floats:
    return metrics.Ordered.of(forecasts.spend, expected).gini_values


LOSSES = (
    Measure(ORDER, "log loss", -1, _of_order),
    Measure(REGRESSION, "log loss", -1, _of_regression),
    Measure(NEXT_STAGE, "log loss", -1, _of_next_stage),
)
"""By these a model is held against the ladder, and stage by stage."""

ALL = (
    *LOSSES,
    Measure(REGRESSION, "profit", 1, _of_profit, money=True),
    Measure(SPEND, "normalised Gini", 1, _of_spend, money=True),
)
"""By these a challenger is held against the champion."""


def measured(forecasts: Forecasts, measures: tuple[Measure, ...]) -> list[Measure]:
    """Those that these forecasts can be measured by: without money there is neither profit nor spend."""
    money = bool(np.isfinite(forecasts.spend).all())
    return [each for each in measures if each.target in forecasts.said and (money or not each.money)]
