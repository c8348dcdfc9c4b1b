"""How far spend strays from what is expected of it: the interval round a forecast of money.

Spend is nothing with the probability 1 - p, and otherwise a multiple of what is expected of
those who order. The multiples are those seen on later cut-offs than the boosters saw, so an
interval covers as often as it says as long as the shop stays as it was then: split conformal
prediction (Vovk, Gammerman, Shafer 2005) in groups, with the chance of no order kept apart.
"""

from typing import Self

import numpy as np
from pydantic import ConfigDict, Field, model_validator

from features.config import Strict
from features.fixed import Floats

COVERAGE = 0.8
"""Share of the customers whose spend lies within their interval; half of the others lie on either side."""

_LEVELS = ((1 - COVERAGE) / 2, (1 + COVERAGE) / 2)


class Spread(Strict):
    """Quantiles of spend over expected spend, of those who ordered, in groups by how likely that was.

    Attributes:
        borders: probabilities of an order that part the groups, ascending, one fewer than groups.
        multiples: of each group the quantiles at levels evenly spread from 0 to 1, ascending.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    borders: tuple[float, ...]
    multiples: tuple[tuple[float, ...], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len(self.borders) != len(self.multiples) - 1 or list(self.borders) != sorted(self.borders):
            raise ValueError("borders must ascend, one fewer than groups")
        if any(len(row) < 2 or list(row) != sorted(row) for row in self.multiples):
            raise ValueError("quantiles must ascend, two at least")
        return self

    def interval(self, p: Floats, expected: Floats) -> tuple[Floats, Floats]:
        """Lower and upper end, each of shape (n,); either may be 0, and both are where an order is unlikely.

        Args:
            p: probability of an order, shape (n,), above 0.
            expected: expected spend, shape (n,).
        """
        low, high = (self.quantile(p, expected, level) for level in _LEVELS)
        return low, high

    def quantile(self, p: Floats, expected: Floats, level: float) -> Floats:
        """Spend that is not exceeded with the probability `level`, shape (n,).

        Those who order and bring less than nothing come first, then those who
        do not order, then the others.
        """
        group = np.searchsorted(np.asarray(self.borders), p, side="right")
        below, above = self._multiple(group, level / p), self._multiple(group, (level - 1 + p) / p)
        above[level <= 1 - p] = 0.0
        return np.asarray(expected / p * (np.minimum(below, 0.0) + np.maximum(above, 0.0)))

    def _multiple(self, group: np.ndarray, level: Floats) -> Floats:
        found = np.empty(len(level))
        for k, row in enumerate(self.multiples):
            inside = group == k
            found[inside] = np.interp(level[inside], np.linspace(0, 1, len(row)), row)
        return found
