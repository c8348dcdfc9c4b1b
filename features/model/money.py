"""What a model knows of money beside its booster: usual order values, and how far spend strays from expectation."""

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field

from features.config import Strict
from features.fixed import Floats
from features.model.spread import Spread

COLUMNS = ("order_day_value_ever", "order_days_ever")
"""Features that say what a customer's order-days have been worth."""

_WEIGHT = 2.0
"""Order-days that the mean of all customers weighs beside a customer's own."""

_LEAST = 1e-3
"""Share of the mean of all below which nobody's order-days are taken to be worth."""


class Year(Strict):
    """What long windows have shown.

    Attributes:
        days: their length: 364, or as much as the log allowed.
        spread: of spend in such a window.
        kept: share of the spend otherwise expected that is left of who stands in regression one period later.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    days: int = Field(ge=1)
    spread: Spread
    kept: float = Field(gt=0, le=1)

    def lost(self, p_regression: Floats) -> Floats:
        """Share of the expected spend by which it would be higher if regression were ruled out, shape (n,).

        With V for who does not regress and `kept` V for who does, E = V (1 - p (1 - kept)), and
        the loss V - E is the share p (1 - kept) / (1 - p (1 - kept)) of E.
        """
        loss = p_regression * (1 - self.kept)
        return np.asarray(loss / (1 - loss))


class Money(Strict):
    """What is fitted about money beside the booster.

    Attributes:
        order_value: mean spend of an order-day over all customers; None where
            the model does not learn from `COLUMNS`.
        level: factor by which what booster and usual values say together is put right in all.
        spread: of spend in the period.
        year: of spend in long windows; None where none was looked at.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    order_value: float | None = Field(default=None, gt=0)
    level: float = Field(default=1.0, gt=0)
    spread: Spread
    year: Year | None = None

    def spread_of(self, days: int, period: int) -> Spread | None:
        """How far spend within so many days strays: as in the period, or as in long windows."""
        return self.spread if days == period else self.year.spread if self.year else None

    def usual_value(self, features: pd.DataFrame) -> Floats | None:
        """What an order-day of each customer is worth, shape (n,): the own mean shrunk to that of all.

        Credibility with constant weight: Buhlmann (1967), "Experience rating and credibility", ASTIN
        Bulletin 4(3).
        """
        if self.order_value is None:
            return None
        mean, days = (features[name].fillna(0.0).to_numpy(np.float64) for name in COLUMNS)
        shrunk = (_WEIGHT * self.order_value + days * mean) / (_WEIGHT + days)
        return np.asarray(np.maximum(shrunk, _LEAST * self.order_value))
