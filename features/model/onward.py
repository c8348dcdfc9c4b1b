"""What comes of a customer once a period has passed without an order."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field

from features.config import Strict
from features.fixed import Floats
from features.model.waiting import COLUMNS, Waiting, possible
from features.stages.moves import Booleans

VALUE = "order_day_value_ever"
"""Feature that is looked at where there is money: the mean spend of an order-day."""


@dataclass(frozen=True)
class Seen:
    """What is known of customers at a cut-off, arrays of shape (n,).

    Attributes:
        recency: days since the last order-day.
        tenure: days since the first.
        order_days: how many there were.
        value: mean spend of an order-day; None without money.
    """

    recency: Floats
    tenure: Floats
    order_days: Floats
    value: Floats | None

    @classmethod
    def of(cls, features: pd.DataFrame) -> Self:
        """From a feature table that has `COLUMNS`, and `VALUE` or not."""
        recency, tenure, order_days = (features[name].to_numpy(np.float64) for name in COLUMNS)
        value = features[VALUE].to_numpy(np.float64) if VALUE in features else None
        return cls(recency, tenure, order_days, value)

    def only(self, inside: Booleans) -> "Seen":
        """Some rows."""
        value = None if self.value is None else self.value[inside]
        return Seen(self.recency[inside], self.tenure[inside], self.order_days[inside], value)

    def after(self, days: int) -> "Seen":
        """What will be known of them so many days later if no order comes."""
        return replace(self, recency=self.recency + days, tenure=self.tenure + days)

    def logit(self, waiting: Waiting, days: Floats | float) -> Floats:
        """Log odds of an order within so many days by MBG/NBD, shape (n,)."""
        return waiting.logit(self.recency, self.tenure, self.order_days, days)

    def columns(self, z: Floats) -> Floats:
        """Log odds `z`, logs of recency, frequency and tenure, their products, and of the value: shape (n, 6 or 7)."""
        recency, tenure, frequency = np.log1p(self.recency), np.log1p(self.tenure), np.log(self.order_days)
        columns = [z, recency, frequency, tenure, recency * frequency, tenure * frequency]
        if self.value is not None:
            columns.append(np.log1p(np.maximum(np.nan_to_num(self.value), 0.0)))
        return np.column_stack(columns)


class Onward(Strict):
    """Log odds of an order in a period that follows a period without one: logistic regression around MBG/NBD.

    logit p = z + level + the sum of slopes times `Seen.columns`, all as of the beginning of the period, with the
    log odds z of MBG/NBD. Where the slopes and the level are 0, it is MBG/NBD.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    level: float
    slopes: tuple[float, ...] = Field(min_length=6, max_length=7)

    def logit(self, seen: Seen, waiting: Waiting, period_days: int) -> Floats:
        """Log odds of an order in the period, shape (n,); even odds for what is no history."""
        known = possible(seen.recency, seen.tenure, seen.order_days)
        some = seen.only(known)
        z = some.logit(waiting, period_days)
        logit = np.zeros(len(known))
        logit[known] = z + self.level + (some.columns(z) * np.array(self.slopes)).sum(axis=1)
        return logit
