"""Gamma-Gamma: what an order of a customer is worth.

Fader, Hardie, Lee (2005), "RFM and CLV: using iso-value curves for customer base analysis",
Journal of Marketing Research 42(4); Fader, Hardie (2013), "The Gamma-Gamma model of monetary
value". The value of an order is Gamma(p, nu), with nu ~ Gamma(q, gamma) the customer's own; how
much and how often are taken as independent.
"""

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi

from features.errors import DataError
from features.fixed import Floats
from training.baselines.btyd.maximum import climb
from training.baselines.btyd.thin import thin

_MOST_ROWS = 50_000
_START = np.array([2.0, 2.0, 2.0])
"""Of p, q - 1 and gamma, where values are told as multiples of their mean."""


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """A Gamma-Gamma model with its three parameters; q > 1, so that the mean exists, and gamma is money."""

    p: float
    q: float
    gamma: float

    @classmethod
    def fit(cls, orders: ArrayLike, mean: ArrayLike) -> "GammaGamma":
        """Maximum likelihood.

        Args:
            orders: how many orders of each customer are known, (n,), at least one.
            mean: their mean value, (n,); customers without a positive one are left out.

        Raises:
            DataError: nobody has a positive mean.
        """
        n, z = _valued(orders, mean)
        unit = float(np.average(z, weights=n)) if len(z) else 1.0
        rows, weight = thin([n, z / unit], np.ones(len(n)), _MOST_ROWS)
        p, more, gamma = climb(lambda at: _slopes(at, *rows), weight, _START)[0]
        return cls(float(p), 1 + float(more), float(gamma) * unit)

    def log_density(self, orders: ArrayLike, mean: ArrayLike) -> Floats:
        """Log likelihood of each mean value, (n,), for customers with a positive one."""
        n, z = (np.asarray(column, dtype=np.float64) for column in (orders, mean))
        p, q, gamma = astuple(self)
        shapes = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(gamma)
        return np.asarray(shapes + (p * n - 1) * np.log(z) + p * n * np.log(n) - (p * n + q) * np.log(gamma + n * z))

    def expected_value(self, orders: ArrayLike, mean: ArrayLike) -> Floats:
        """Expected value of an order, (n,): p (gamma + n mean) / (p n + q - 1), between the own mean and all others'.

        Args:
            orders: known orders n of each customer, (n,), may be 0.
            mean: their mean value, (n,); below zero it counts as zero.
        """
        n, z = (np.asarray(column, dtype=np.float64) for column in (orders, mean))
        return np.asarray(self.p * (self.gamma + n * np.maximum(z, 0)) / (self.p * n + self.q - 1))


def _valued(orders: ArrayLike, mean: ArrayLike) -> tuple[Floats, Floats]:
    n, z = (np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in (orders, mean))
    if n.shape != z.shape or not (np.isfinite(n) & np.isfinite(z) & (n >= 1)).all():
        got = f"shapes {n.shape} and {z.shape}, fewest orders {n.min(initial=np.inf)}"
        raise DataError("orders that have no mean value", got=got, allowed="two arrays (n,), orders >= 1, finite means")
    return n[z > 0], z[z > 0]


def _slopes(at: Floats, n: Floats, z: Floats) -> tuple[Floats, Floats]:
    """Log likelihood (n,) and its derivatives by p, q - 1 and gamma, (3, n)."""
    p, q, gamma = at[0], 1 + at[1], at[2]
    total, shape = gamma + n * z, p * n + q
    slopes = (
        n * (psi(shape) - psi(p * n) + np.log(n * z) - np.log(total)),
        psi(shape) - psi(q) + np.log(gamma) - np.log(total),
        q / gamma - shape / total,
    )
    return GammaGamma(p, q, gamma).log_density(n, z), np.stack(slopes)
