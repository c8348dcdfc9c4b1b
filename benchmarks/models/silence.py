"""MBG/NBD: the chance that a silence goes on, in closed form.

Batislam, Denizel, Filiztekin (2007), "Empirical validation and comparison of models for customer
base analysis": like BG/NBD, but a customer may die right after the first order too. The density of
x repeat orders, the last at t_x, and none since until T is, up to factors without T,

    S(T) = (alpha + T)^-(r + x) + a / (b + x) (alpha + t_x)^-(r + x),

so P(no order in h | history) = S(T + h) / S(T): the same holds for any model of repeat orders.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

Array = np.ndarray


@dataclass(frozen=True)
class Mbg:
    """Parameters, times in weeks."""

    r: float
    alpha: float
    a: float
    b: float

    def log_silence(self, x: Array, last: Array, age: Array) -> Array:
        """The logarithm of S(T)."""
        dead = np.log(self.a) - np.log(self.b + x) - (self.r + x) * np.log(self.alpha + last)
        return np.logaddexp(-(self.r + x) * np.log(self.alpha + age), dead)

    def logit_to_order(self, x: Array, last: Array, age: Array, horizon: float) -> Array:
        """Log odds of an order within so many weeks."""
        quiet = self.log_silence(x, last, age + horizon) - self.log_silence(x, last, age)
        quiet = np.minimum(quiet, -1e-9)
        return np.log(-np.expm1(quiet)) - quiet

    def log_rate_alive(self, x: Array, age: Array) -> Array:
        """Log of the orders a week expected of who is alive."""
        return np.log(self.r + x) - np.log(self.alpha + age)

    def logit_alive(self, x: Array, last: Array, age: Array) -> Array:
        """Log odds of being alive."""
        dead = np.log(self.a) - np.log(self.b + x) - (self.r + x) * np.log(self.alpha + last)
        return -(self.r + x) * np.log(self.alpha + age) - dead


def history(facts: pd.DataFrame) -> tuple[Array, Array, Array]:
    """Repeat order-days, weeks from the first to the last, weeks from the first to the cut-off."""
    age, recency = facts["tenure"].to_numpy(float), facts["recency"].to_numpy(float)
    return facts["order_days"].to_numpy(float) - 1, (age - recency) / 7, age / 7


def fit(x: Array, last: Array, age: Array) -> Mbg:
    """Maximum likelihood over identical histories counted once."""
    table, weight = np.unique(np.column_stack([x, last, age]), axis=0, return_counts=True)
    x, last, age = table.T

    def loss(theta: Array) -> float:
        r, alpha, a, b = np.exp(theta)
        constant = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x + 1) - betaln(a, b)
        one = -(r + x) * np.log(alpha + age)
        two = np.log(a) - np.log(b + x) - (r + x) * np.log(alpha + last)
        return -float((weight * (constant + np.logaddexp(one, two))).sum() / weight.sum())

    starts = ([-1.0, 1.5, 0.0, 1.0], [0.0, 2.0, -1.0, 3.0])
    ends = [minimize(loss, s, method="L-BFGS-B", bounds=[(-9, 9)] * 4) for s in starts]
    return Mbg(*np.exp(min(ends, key=lambda e: e.fun).x))
