"""How long a customer may be waited for: MBG/NBD, the chance of an order in any number of days.

Batislam, Denizel, Filiztekin (2007), "Empirical validation and comparison of models for customer
base analysis", International Journal of Research in Marketing 24(3): while alive a customer orders
at a rate a week ~ Gamma(r, alpha), and after every order, the first too, dies with a probability ~
Beta(a, b). The likelihood of x repeat orders, the last t_x weeks after the first, and none since
until T weeks after it, is, up to factors without T,

    S(T) = (alpha + T)^-(r + x) + a / (b + x) (alpha + t_x)^-(r + x),

so P(no order in h | history) = S(T + h) / S(T). That holds for every model of repeat orders: the
numerator is the likelihood of the same orders and a longer silence.
"""

import numpy as np
import pandas as pd
from pydantic import ConfigDict, Field

from features.clock import WEEK
from features.config import Strict
from features.fixed import Floats
from features.stages.moves import Booleans

COLUMNS = ("recency", "tenure", "order_days_ever")
"""Features that say all this model asks of a customer."""

LEAST = 1e-9
"""Log odds stay finite: nobody is given less than this chance of an order, or of none."""


def possible(recency: Floats, tenure: Floats, order_days: Floats) -> Booleans:
    """Which rows are the history of a customer, shape (n,): see `Waiting.logit`."""
    finite = np.isfinite(tenure) & np.isfinite(order_days)
    return np.asarray((recency >= 0) & (tenure >= recency) & (order_days >= 1) & finite)


class Waiting(Strict):
    """Parameters of MBG/NBD; rates are a week, alpha in weeks."""

    model_config = ConfigDict(allow_inf_nan=False)

    r: float = Field(gt=0)
    alpha: float = Field(gt=0)
    a: float = Field(gt=0)
    b: float = Field(gt=0)

    def logit(self, recency: Floats, tenure: Floats, order_days: Floats, days: Floats | float) -> Floats:
        """Log odds of an order within so many days, shape (n,), within [-21, 21]; even odds for what is no history.

        Args:
            recency: days since the last order-day, shape (n,).
            tenure: days since the first, shape (n,).
            order_days: how many there were, shape (n,).
            days: how long is waited; one number, or one a row.
        """
        known = possible(recency, tenure, order_days)
        age, last = tenure[known] / WEEK, (tenure[known] - recency[known]) / WEEK
        repeats = order_days[known] - 1
        more = np.broadcast_to(days, known.shape)[known] / WEEK
        none = self._log_silence(repeats, last, age + more) - self._log_silence(repeats, last, age)
        p = np.clip(-np.expm1(none), LEAST, 1 - LEAST)
        logit = np.zeros(len(known))
        logit[known] = np.log(p) - np.log1p(-p)
        return logit

    def logit_of(self, features: pd.DataFrame, days: float) -> Floats:
        """The same from a feature table that has `COLUMNS`."""
        recency, tenure, order_days = (features[name].to_numpy(np.float64) for name in COLUMNS)
        return self.logit(recency, tenure, order_days, days)

    def _log_silence(self, repeats: Floats, last: Floats, age: Floats) -> Floats:
        """The logarithm of S(T), shape (n,)."""
        shape = self.r + repeats
        dead = np.log(self.a) - np.log(self.b + repeats) - shape * np.log(self.alpha + last)
        return np.asarray(np.logaddexp(-shape * np.log(self.alpha + age), dead), dtype=np.float64)
