"""Buy till you die: BG/NBD, the classic model of repeat orders.

Fader, Hardie, Lee (2005), "Counting your customers the easy way: an alternative to
the Pareto/NBD model", Marketing Science 24(2): while alive a customer orders at the
rate lambda ~ Gamma(r, alpha), and after every repeat order dies with the probability
p ~ Beta(a, b). A history is three numbers: `frequency` x, the repeat order-days;
`recency` t_x, weeks from the first order-day to the last; `age` T, weeks from the
first order-day to the cut-off.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize
from scipy.special import expit, gammaln, psi

from features.errors import DataError

Floats = NDArray[np.float64]

BOUND = 9.0
"""Every parameter stays in [e^-9, e^9]: where nobody dies, b would run to infinity on a flat likelihood."""

STARTS = ((0.25, 0.8, 2.5), (1.0, 1.0, 5.0), (2.0, 1.0, 100.0))
"""(r, a, b) to start from: much, some and hardly any dropout; alpha then follows from the mean order rate."""


@dataclass(frozen=True, slots=True)
class Histories:
    """Checked order histories, one row a customer; arrays (n,), times in weeks."""

    frequency: Floats
    recency: Floats
    age: Floats

    @classmethod
    def of(cls, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> "Histories":
        """Read three arrays (n,); raises DataError for a row that no history can have."""
        x, t_x, t = (np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in (frequency, recency, age))
        if not (x.ndim == 1 and x.shape == t_x.shape == t.shape):
            shapes = f"{x.shape}, {t_x.shape}, {t.shape}"
            raise DataError("Frequency, recency and age differ in shape.", got=shapes, allowed="three arrays (n,)")
        possible = np.isfinite(t) & (t_x <= t) & np.where(x == 0, t_x == 0, (x >= 1) & np.isfinite(x) & (t_x > 0))
        if not possible.all():
            row = int(np.argmin(possible))
            raise DataError(
                "An impossible order history.",
                got=f"row {row}: frequency {x[row]}, recency {t_x[row]}, age {t[row]}",
                allowed="frequency 0 with recency 0, or frequency >= 1 with 0 < recency <= age; all finite",
            )
        return cls(x, t_x, t)


@dataclass(frozen=True, slots=True)
class BgNbd:
    """A BG/NBD with its four parameters (alpha in weeks) and, if it was fitted, its log likelihood."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")

    def log_density(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """Log likelihood of each history (n,): equation 6 of the paper, with its second term as odds of the first."""
        h = Histories.of(frequency, recency, age)
        x, r, a, b = h.frequency, self.r, self.a, self.b
        survived = gammaln(b + x) - gammaln(b) + gammaln(a + b) - gammaln(a + b + x)
        ordered = gammaln(r + x) - gammaln(r) - r * np.log1p(h.age / self.alpha) - x * np.log(self.alpha + h.age)
        return np.asarray(survived + ordered + np.logaddexp(0.0, _log_odds_dead(self, h)))

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Floats:
        """P(not yet dead at the cut-off), (n,).

        1 / (1 + [x > 0] a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x)); always 1 without
        a repeat order, so it is no score: only a repeat order can kill.
        """
        return np.asarray(expit(-_log_odds_dead(self, Histories.of(frequency, recency, age))))

    def probability_to_order(
        self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, horizon: ArrayLike
    ) -> Floats:
        """P(at least one order-day within `horizon` weeks of the cut-off), (n,).

        P(alive) (1 - ((alpha + T) / (alpha + T + h))^(r + x)). Death comes only with an order, so whoever
        is alive at T keeps lambda until the next order, and P(none in h | lambda, alive) = e^(-lambda h).
        The likelihood of being alive holds lambda as lambda^x e^(-lambda T) (equation 2 of the paper), hence
        lambda | alive ~ Gamma(r + x, alpha + T), whose Laplace transform at h is the power above.
        """
        h = Histories.of(frequency, recency, age)
        silent = -(self.r + h.frequency) * np.log1p(_weeks(horizon) / (self.alpha + h.age))
        return np.asarray(expit(-_log_odds_dead(self, h)) * -np.expm1(silent))


def fit_bgnbd(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, weights: ArrayLike | None = None) -> BgNbd:
    """Fit by maximum likelihood on arrays (n,); `weights` (n,) counts each row so many times.

    Identical histories are counted once, with their weight. L-BFGS-B on the log parameters with
    the exact gradient runs from each of STARTS, and the best end wins. Raises DataError for
    impossible histories, for bad weights and when there is nothing to fit.
    """
    histories = Histories.of(frequency, recency, age)
    h, w = _grouped(histories, _weights(weights, len(histories.age)))
    rate = max(float((w * h.frequency).sum()), 0.5) / max(float((w * h.age).sum()), 1.0)
    starts = [np.clip(np.log([r, r / rate, a, b]), -BOUND, BOUND) for r, a, b in STARTS]
    options = {"ftol": 1e-13, "gtol": 1e-9, "maxiter": 500}
    box = [(-BOUND, BOUND)] * 4
    ends = [
        minimize(_loss, start, args=(h, w), jac=True, method="L-BFGS-B", bounds=box, options=options)
        for start in starts
    ]
    best = min(ends, key=lambda end: float(end.fun))
    r, alpha, a, b = (float(value) for value in np.exp(best.x))
    return BgNbd(r, alpha, a, b, log_likelihood=-float(best.fun) * float(w.sum()))


def _log_odds_dead(model: BgNbd, h: Histories) -> Floats:
    gap = np.log(model.alpha + h.age) - np.log(model.alpha + h.recency)
    repeats = np.maximum(h.frequency, 1.0)
    odds = np.log(model.a) - np.log(model.b + repeats - 1) + (model.r + h.frequency) * gap
    return np.where(h.frequency > 0, odds, -np.inf)


def _loss(log_parameters: Floats, h: Histories, w: Floats) -> tuple[float, Floats]:
    """Mean negative log likelihood and its gradient (4,) by the log parameters."""
    r, alpha, a, b = np.exp(log_parameters)
    model, x = BgNbd(r, alpha, a, b), h.frequency
    dead = expit(_log_odds_dead(model, h))
    last, now = alpha + h.recency, alpha + h.age
    both = psi(a + b) - psi(a + b + x)
    slopes = (
        psi(r + x) - psi(r) + np.log(alpha / now) + dead * np.log(now / last),
        r / alpha - (r + x) / now + dead * (r + x) * (1 / now - 1 / last),
        both + dead / a,
        both + psi(b + x) - psi(b) - dead / np.maximum(b + x - 1, b),
    )
    value = (w * model.log_density(x, h.recency, h.age)).sum()
    gradient = np.array([(w * slope).sum() for slope in slopes]) * np.exp(log_parameters)
    return -float(value / w.sum()), -gradient / w.sum()


def _grouped(h: Histories, w: Floats) -> tuple[Histories, Floats]:
    rows, inverse = np.unique(np.column_stack([h.frequency, h.recency, h.age]), axis=0, return_inverse=True)
    return Histories(*np.ascontiguousarray(rows.T)), np.asarray(np.bincount(inverse, weights=w), dtype=np.float64)


def _weights(weights: ArrayLike | None, rows: int) -> Floats:
    w = np.ones(rows) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != (rows,) or not (np.isfinite(w) & (w >= 0)).all() or w.sum() <= 0:
        allowed = f"({rows},) finite weights >= 0, not all 0"
        raise DataError("Nothing to fit, or bad weights.", got=f"shape {w.shape}, sum {w.sum()}", allowed=allowed)
    return w


def _weeks(horizon: ArrayLike) -> Floats:
    weeks = np.asarray(horizon, dtype=np.float64)
    if not (np.isfinite(weeks) & (weeks >= 0)).all():
        raise DataError("A horizon that is no length of time.", got=horizon, allowed="finite weeks >= 0")
    return weeks
