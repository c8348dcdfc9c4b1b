"""BG/NBD and MBG/NBD: customers die right after an order, with a probability of their own.

Fader, Hardie, Lee (2005), "Counting your customers the easy way: an alternative to the
Pareto/NBD model", Marketing Science 24(2). After every repeat order a customer dies with the
probability p ~ Beta(a, b): a coin is flipped. Batislam, Denizel, Filiztekin (2007), "Empirical
validation and comparison of models for customer base analysis", International Journal of
Research in Marketing 24(3), flip it after the first order, too, so that one-time buyers may be
dead. With k coins flipped all formulas of the two are the same.
"""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, psi

from features.fixed import Floats
from features.model.beta_nodes import beta_nodes
from training.baselines.btyd.histories import Histories
from training.baselines.btyd.model import BuyTillYouDie


@dataclass(frozen=True, slots=True)
class _BetaGeometric(BuyTillYouDie):
    a: float
    b: float

    @staticmethod
    @abstractmethod
    def _coins(x: Floats) -> Floats:
        """Coins flipped by those who made x repeat orders."""

    def log_density(self, h: Histories) -> Floats:
        """Log likelihood of each history, (n,): equation 6 of the paper, with its second term as odds of the first."""
        x, k, r, a, b = h.frequency, self._coins(h.frequency), self.r, self.a, self.b
        survived = gammaln(b + k) - gammaln(b) + gammaln(a + b) - gammaln(a + b + k)
        ordered = gammaln(r + x) - gammaln(r) - r * np.log1p(h.age / self.alpha) - x * np.log(self.alpha + h.age)
        return np.asarray(survived + ordered + np.logaddexp(0.0, self.log_odds_dead(h)))

    def log_odds_dead(self, h: Histories) -> Floats:
        """Log of a / (b + k - 1) ((alpha + T) / (alpha + t_x))^(r + x), (n,): the last coin, and silence since."""
        k = self._coins(h.frequency)
        gap = np.log(self.alpha + h.age) - np.log(self.alpha + h.recency)
        odds = np.log(self.a) - np.log(self.b + np.maximum(k, 1) - 1) + (self.r + h.frequency) * gap
        return np.where(k > 0, odds, -np.inf)

    @classmethod
    def _starts(cls, rate: float, age: float) -> Sequence[Floats]:
        shapes = ((0.25, 0.8, 2.5), (1.0, 1.0, 5.0), (2.0, 1.0, 100.0))
        return [np.array([r, r / rate, a, b]) for r, a, b in shapes]

    def _slopes(self, h: Histories) -> tuple[Floats, Floats]:
        x, k, (r, alpha, a, b) = h.frequency, self._coins(h.frequency), self.parameters
        dead = expit(self.log_odds_dead(h))
        last, now = alpha + h.recency, alpha + h.age
        both = psi(a + b) - psi(a + b + k)
        slopes = (
            psi(r + x) - psi(r) + np.log(alpha / now) + dead * np.log(now / last),
            r / alpha - (r + x) / now + dead * (r + x) * (1 / now - 1 / last),
            both + dead / a,
            both + psi(b + k) - psi(b) - dead / (b + np.maximum(k, 1) - 1),
        )
        return self.log_density(h), np.stack(slopes)

    def _order_if_alive(self, h: Histories, weeks: Floats) -> Floats:
        """1 - ((alpha + T) / (alpha + T + h))^(r + x).

        Death comes only with an order, so whoever is alive at T keeps lambda until the next
        order, and P(none in h | lambda) = e^(-lambda h). The likelihood of being alive holds
        lambda as lambda^x e^(-lambda T) (equation 2 of the paper), hence
        lambda | alive ~ Gamma(r + x, alpha + T), whose Laplace transform at h is the power above.
        """
        return np.asarray(-np.expm1(-(self.r + h.frequency) * np.log1p(weeks / (self.alpha + h.age))))

    def _orders_if_alive(self, h: Histories, weeks: Floats) -> Floats:
        """The mean over p of (1 - (1 + p h / (alpha + T))^-(r + x)) / p.

        An order comes at s with the density lambda e^(-lambda p s), since the orders before it
        must not have killed; integrated over s it is (1 - e^(-lambda p h)) / p, its mean over
        lambda | alive is the above, and p | alive ~ Beta(a, b + k). The paper's equation 10 is
        the same with Gauss's 2F1, which is not defined at a = 1 and fails for large x.
        """
        x, which = np.unique(h.frequency, return_inverse=True)
        power, reach = self.r + h.frequency, weeks / (self.alpha + h.age)
        bend = 1 / max(float((power * reach).max(initial=0.0)), 1.0)
        node, weight = beta_nodes(self.a, self.b + self._coins(x), bend)
        orders = np.zeros(len(h))
        for p, w in zip(node.T, (weight / node).T, strict=True):
            orders -= w[which] * np.expm1(-power * np.log1p(p[which] * reach))
        return orders


@dataclass(frozen=True, slots=True)
class BgNbd(_BetaGeometric):
    """BG/NBD: a coin after every repeat order, so that whoever made none is alive for sure."""

    @staticmethod
    def _coins(x: Floats) -> Floats:
        return x


@dataclass(frozen=True, slots=True)
class MbgNbd(_BetaGeometric):
    """MBG/NBD: a coin after every order."""

    @staticmethod
    def _coins(x: Floats) -> Floats:
        return x + 1
