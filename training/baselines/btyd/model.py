"""What the models of this kind have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from features.errors import DataError
from features.fixed import Floats
from training.baselines.btyd.histories import Histories
from training.baselines.btyd.maximum import climb, highest

MOST_ROWS = 50_000
"""Distinct histories that a model is fitted on; of more, a systematic sample."""

FIRST_ROWS = 500
"""Distinct histories on which the starts compete."""


@dataclass(frozen=True, slots=True)
class BuyTillYouDie(ABC):
    """A model of repeat orders: while alive a customer orders at the rate lambda ~ Gamma(r, alpha).

    A subclass says how customers die. Rates are a week.
    """

    r: float
    alpha: float

    @property
    def parameters(self) -> tuple[float, ...]:
        """All parameters, in order."""
        return astuple(self)

    @classmethod
    def fit(cls, histories: Histories) -> Self:
        """Maximum likelihood. Starts compete on few histories, and the best goes on with all.

        Raises:
            DataError: there is nothing to fit.
        """
        rows = histories.thinned(MOST_ROWS)
        few = rows.thinned(FIRST_ROWS)
        rate = max(float(rows.weight @ rows.frequency), 0.5) / max(float(rows.weight @ rows.age), 1.0)
        age = max(float(np.average(rows.age, weights=rows.weight)), 1.0)
        start = highest(lambda p: cls(*p)._slopes(few), few.weight, cls._starts(rate, age))
        best, _ = climb(lambda p: cls(*p)._slopes(rows), rows.weight, start)
        return cls(*(float(value) for value in best))

    @abstractmethod
    def log_density(self, h: Histories) -> Floats:
        """Log likelihood of each history, (n,)."""

    @abstractmethod
    def log_odds_dead(self, h: Histories) -> Floats:
        """Log odds of having died before the cut-off, (n,); -inf where nobody can have."""

    def probability_alive(self, h: Histories) -> Floats:
        """P(not yet dead at the cut-off), (n,)."""
        return np.asarray(expit(-self.log_odds_dead(h)))

    def probability_to_order(self, h: Histories, weeks: ArrayLike) -> Floats:
        """P(at least one order-day within `weeks` of the cut-off), (n,).

        Raises:
            DataError: weeks that are no length of time.
        """
        return np.asarray(self.probability_alive(h) * self._order_if_alive(h, _horizon(weeks)))

    def expected_orders(self, h: Histories, weeks: ArrayLike) -> Floats:
        """Expected order-days within `weeks` of the cut-off, (n,).

        Raises:
            DataError: weeks that are no length of time.
        """
        return np.asarray(self.probability_alive(h) * self._orders_if_alive(h, _horizon(weeks)))

    @classmethod
    @abstractmethod
    def _starts(cls, rate: float, age: float) -> Sequence[Floats]:
        """Parameters to start from: much, some and hardly any dropout at the mean order rate and age."""

    @abstractmethod
    def _slopes(self, h: Histories) -> tuple[Floats, Floats]:
        """Log likelihood (n,) and its derivatives by the parameters (k, n)."""

    @abstractmethod
    def _order_if_alive(self, h: Histories, weeks: Floats) -> Floats:
        """P(at least one order-day within `weeks`) of those alive, (n,)."""

    @abstractmethod
    def _orders_if_alive(self, h: Histories, weeks: Floats) -> Floats:
        """Expected order-days within `weeks` of those alive, (n,)."""


def _horizon(weeks: ArrayLike) -> Floats:
    horizon = np.asarray(weeks, dtype=np.float64)
    if not (np.isfinite(horizon) & (horizon >= 0)).all():
        raise DataError("a horizon that is no length of time", got=weeks, allowed="finite weeks >= 0")
    return horizon
