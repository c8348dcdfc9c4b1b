"""Pareto/NBD: customers die at a rate of their own, whenever.

Schmittlein, Morrison, Colombo (1987), "Counting your customers: who are they and what will they
do next?", Management Science 33(1); the formulas are derived in Fader, Hardie (2005), "A note on
deriving the Pareto/NBD model and related expressions". The death rate is mu ~ Gamma(s, beta), so
that the time to death is Pareto. All here follows from integrating over the time of death, or of
the next order, last: over lambda and mu there are closed forms, and `decay` does the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, exprel, gammaln, psi

from features.fixed import Floats
from training.baselines.btyd.decay import Decay, Integral
from training.baselines.btyd.histories import Histories
from training.baselines.btyd.model import BuyTillYouDie


@dataclass(frozen=True, slots=True)
class ParetoNbd(BuyTillYouDie):
    """Pareto/NBD with its four parameters; alpha and beta in weeks."""

    s: float
    beta: float

    def log_density(self, h: Histories) -> Floats:
        """Log likelihood of each history, (n,)."""
        return self._log_density(h, self._log_odds(h, self._death(h)))

    def log_odds_dead(self, h: Histories) -> Floats:
        """Log of s (alpha + T)^(r + x) (beta + T)^s J, (n,).

        J is the integral over the time of death from t_x to T, with powers r + x and s + 1.
        """
        return self._log_odds(h, self._death(h))

    def _death(self, h: Histories) -> Integral:
        powers = self.r + h.frequency, np.full(len(h), self.s + 1)
        return Decay(self.alpha, self.beta, *powers).integral(h.recency, h.age)

    def _log_odds(self, h: Histories, death: Integral) -> Floats:
        return np.asarray(np.log(self.s) + death.log + self._log_alive(h))

    def _log_alive(self, h: Histories) -> Floats:
        return np.asarray((self.r + h.frequency) * np.log(self.alpha + h.age) + self.s * np.log(self.beta + h.age))

    def _log_density(self, h: Histories, odds: Floats) -> Floats:
        r, x = self.r, h.frequency
        ordered = gammaln(r + x) - gammaln(r) + r * np.log(self.alpha) + self.s * np.log(self.beta)
        return np.asarray(ordered - self._log_alive(h) + np.logaddexp(0.0, odds))

    @classmethod
    def _starts(cls, rate: float, age: float) -> Sequence[Floats]:
        shapes = ((0.5, 0.6, 1.0), (1.0, 1.0, 0.1), (1.0, 0.2, 3.0))
        return [np.array([r, r / rate, s, s * age / deaths]) for r, s, deaths in shapes]

    def _slopes(self, h: Histories) -> tuple[Floats, Floats]:
        x, (r, alpha, s, beta) = h.frequency, self.parameters
        death = self._death(h)
        odds = self._log_odds(h, death)
        dead, alive = expit(odds), expit(-odds)
        slopes = (
            psi(r + x) - psi(r) + np.log(alpha) - alive * np.log(alpha + h.age) - dead * death.log_alpha,
            r / alpha - (r + x) * (alive / (alpha + h.age) + dead * death.per_alpha),
            np.log(beta) - alive * np.log(beta + h.age) + dead * (1 / s - death.log_beta),
            s / beta - alive * s / (beta + h.age) - dead * (s + 1) * death.per_beta,
        )
        return self._log_density(h, odds), np.stack(slopes)

    def _order_if_alive(self, h: Histories, weeks: Floats) -> Floats:
        """(r + x) (alpha + T)^(r + x) (beta + T)^s J, J over the time of the next order, with powers r + x + 1 and s.

        Of those alive lambda ~ Gamma(r + x, alpha + T) and mu ~ Gamma(s, beta + T); the next order
        comes after a time tau with the density lambda e^(-lambda tau) e^(-mu tau).
        """
        powers = self.r + h.frequency + 1, np.full(len(h), self.s)
        order = Decay(self.alpha, self.beta, *powers).integral(h.age, h.age + weeks)
        return np.minimum(np.exp(np.log(self.r + h.frequency) + self._log_alive(h) + order.log), 1.0)

    def _orders_if_alive(self, h: Histories, weeks: Floats) -> Floats:
        """(r + x) / (alpha + T) times the expected weeks alive within the horizon.

        These are (beta + T) / (s - 1) (1 - ((beta + T) / (beta + T + h))^(s - 1)), and
        (beta + T) log(1 + h / (beta + T)) at s = 1.
        """
        log = np.log1p(weeks / (self.beta + h.age))
        alive = (self.beta + h.age) * log * exprel((1 - self.s) * log)
        return np.asarray((self.r + h.frequency) / (self.alpha + h.age) * alive)
