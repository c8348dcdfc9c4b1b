"""Orders and money within some days: what the period's forecast and MBG/NBD say together.

Beyond the period MBG/NBD says how orders go on: what is expected within h days is what is expected
of the period, by the ratio of MBG/NBD's expected order-days in h and in the period.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.model.money import Money
from features.model.orders_ahead import any_if_alive, orders_if_alive
from features.model.waiting import COLUMNS, Waiting, possible

YEAR = 364


@dataclass(frozen=True)
class Ahead:
    """What is expected of each customer within some days of the cut-off; arrays of shape (n,).

    Attributes:
        orders: expected order-days; NaN where the model has no MBG/NBD.
        spend: expected net spend; NaN without money, and beyond the period also without MBG/NBD.
        low: end of the interval of spend below which one in ten lies; see `features.model.spread`.
        high: end above which one in ten lies. Both are NaN where spend is, or no such window was looked at.
    """

    orders: Floats
    spend: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Course:
    """How orders go on after a cut-off, as MBG/NBD expects; arrays of shape (n,), NaN where it knows nothing.

    Attributes:
        waiting: MBG/NBD, if the model has one.
        features: of the customers.
        period: days of a period.
    """

    waiting: Waiting | None
    features: pd.DataFrame
    period: int

    def growth(self, days: int) -> Floats:
        """Expected order-days within so many days over those of the period; whether the customer lives cancels out."""
        return np.ones(len(self.features)) if days == self.period else self._orders(days) / self._of_period

    @cached_property
    def if_any(self) -> Floats:
        """Expected order-days in the period of who orders at all, 1 at least."""
        return np.maximum(self._of_period / self._asked(any_if_alive, self.period), 1.0)

    @cached_property
    def _of_period(self) -> Floats:
        return self._orders(self.period)

    def _orders(self, days: int) -> Floats:
        return self._asked(orders_if_alive, days)

    def _asked(self, ask: Callable[[Waiting, Floats, Floats, float], Floats], days: int) -> Floats:
        """What MBG/NBD says of customers with a history."""
        found = np.full(len(self.features), np.nan)
        if self.waiting is not None:
            recency, tenure, order_days = (self.features[name].to_numpy(np.float64) for name in COLUMNS)
            known = possible(recency, tenure, order_days)
            found[known] = ask(self.waiting, tenure[known], order_days[known], days)
        return found


def spend_if_any(raw: Floats, course: Course, money: Money | None) -> Floats:
    """Net spend in the period of who orders: the geometric mean of what the booster says and of what is usual.

    Usual is the value of the customer's order-days, shrunk, times the order-days
    that MBG/NBD expects. The mean is brought to its `level`; where what is usual
    is not known the booster stands alone.

    Args:
        raw: what the booster says, shape (n,).
        course: how orders go on.
        money: what is known of it.
    """
    value = money.usual_value(course.features) if money else None
    if money is None or value is None:
        return raw
    usual = value * course.if_any
    return np.where(np.isfinite(usual), money.level * np.sqrt(raw * usual), raw)
