"""The integral behind the Pareto/NBD: two powers that decay with time.

    J = integral of (alpha + s)^-k (beta + s)^-l over s from start to stop

The papers write it as differences of Gauss's 2F1, which cancel and overflow for frequent buyers.
Here it is summed up directly. With u = log(m + s), m the smaller of alpha and beta, the integrand
is smooth and log-concave in u, whatever the scale; where it falls below e^-40 of its start, the
rest is left out, and 32 nodes of Gauss and Legendre give about twelve digits. All terms are
positive, so nothing cancels, and the derivatives of log J are means under the same sum.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from features.fixed import Floats

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_FRACTION = (_NODES + 1) / 2
_LOG_WEIGHT = np.log(_WEIGHTS / 2)
_NEGLIGIBLE = -40.0
_HALVINGS = 12
_ROWS = 2048
"""Rows at a time, so that the nodes of all of them stay in the cache."""


class Integral(NamedTuple):
    """Log of J, (n,), and means over s with the integrand as density, each (n,)."""

    log: Floats
    log_alpha: Floats
    log_beta: Floats
    per_alpha: Floats
    per_beta: Floats


@dataclass(frozen=True, slots=True)
class Decay:
    """The integrand.

    Attributes:
        alpha: added to s under the first power.
        beta: added to s under the second.
        k: the first power, one a row, (n,).
        l: the second power, one a row, (n,).
    """

    alpha: float
    beta: float
    k: Floats
    l: Floats  # noqa: E741 - the letters of the formula

    def integral(self, start: Floats, stop: Floats) -> Integral:
        """J of each row, with the means of log(alpha + s), log(beta + s), 1 / (alpha + s), 1 / (beta + s).

        Args:
            start: where the integral begins, (n,), not negative.
            stop: where it ends, (n,), not before `start`; J is 0 where both are the same.
        """
        if self.alpha > self.beta:
            turned = Decay(self.beta, self.alpha, self.l, self.k).integral(start, stop)
            return Integral(turned.log, turned.log_beta, turned.log_alpha, turned.per_beta, turned.per_alpha)
        parts = [
            Decay(self.alpha, self.beta, self.k[i : i + _ROWS], self.l[i : i + _ROWS])._sum(
                start[i : i + _ROWS], stop[i : i + _ROWS]
            )
            for i in range(0, max(len(start), 1), _ROWS)
        ]
        return Integral(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def _sum(self, start: Floats, stop: Floats) -> Integral:
        begin = np.log(self.alpha + start)
        width = self._end(begin, np.log(self.alpha + stop)) - begin
        u = begin[:, None] + width[:, None] * _FRACTION
        near = np.exp(u)
        far = near + (self.beta - self.alpha)
        log_far = np.log(far)
        height = (1 - self.k)[:, None] * u - self.l[:, None] * log_far + _LOG_WEIGHT
        top = height.max(axis=1)
        share = np.exp(height - top[:, None])
        total = share.sum(axis=1)
        share /= total[:, None]
        with np.errstate(divide="ignore"):
            log = top + np.log(total) + np.log(width)
        means = [np.einsum("ij,ij->i", share, values) for values in (u, log_far, 1 / near, 1 / far)]
        return Integral(log, *means)

    def _end(self, begin: Floats, end: Floats) -> Floats:
        """Where the integrand has become negligible, by halving; `end` where it never does."""
        floor = self._height(begin, slice(None)) + _NEGLIGIBLE
        rows = np.flatnonzero(self._height(end, slice(None)) < floor)
        low, high = begin[rows], end[rows]
        for _ in range(_HALVINGS if len(rows) else 0):
            middle = (low + high) / 2
            below = self._height(middle, rows) < floor[rows]
            low, high = np.where(below, low, middle), np.where(below, middle, high)
        ends = end.copy()
        ends[rows] = high
        return ends

    def _height(self, u: Floats, rows: slice | np.ndarray) -> Floats:
        """Log of the integrand of u, for some rows."""
        return np.asarray((1 - self.k[rows]) * u - self.l[rows] * np.log(np.exp(u) + (self.beta - self.alpha)))
