"""The next stage, by two ways: what the stage machine says if no order comes, and what is learnt of those who order.

Without an order the machine knows where it will stand a period later. So

    P(s) = (1 - h) [s = the machine's] + h q(s),    h = p + (1 - p) e,

p the probability of an order, q the distribution of those who order, and e the
share of those without one whom the machine did not foresee: goods that come
back in the period move a level, too.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from features.fixed import Floats
from features.model.columns import stage_codes
from features.stages.moves import Booleans, Stage, Stages, legal_moves, stage_distribution

STANDING = ("stage_code", "highest_stage", "stage_if_silent")
"""Features that a forecast cannot do without: which moves are legal, and the next stage if no order comes."""


def moved(p_order: Floats, surprise: float) -> Floats:
    """Probability h that something happens which the machine cannot know, shape (n,)."""
    return p_order + (1 - p_order) * surprise


def mixed(happens: Floats, known: Floats | Booleans, learnt: Floats) -> Floats:
    """P = (1 - h) [the machine's] + h q, element by element; arrays that broadcast."""
    return np.asarray((1 - happens) * known + happens * learnt)


@dataclass(frozen=True)
class Outlook:
    """Where customers may stand one period later.

    Attributes:
        legal: which stages, shape (n, 4).
        if_silent: the one if no order comes, shape (n,).
    """

    legal: Booleans
    if_silent: Stages

    @classmethod
    def of(cls, table: pd.DataFrame) -> Self:
        """From a table with the features `STANDING`.

        Raises:
            ModelError: one of them is missing, or some value is no stage.
        """
        stage, highest, if_silent = (stage_codes(table, name) for name in STANDING)
        return cls(legal_moves(stage, highest >= Stage.FORMATIVE), if_silent)

    def stages(self, happens: Floats, p_regression: Floats, p_otherwise: Floats) -> Floats:
        """The distribution over stages, shape (n, 4).

        Args:
            happens: probability h, shape (n,).
            p_regression: probability of regression of those who order, shape (n,).
            p_otherwise: weights of the other stages, for those who order and do not regress, shape (n, 3).
        """
        q = stage_distribution(p_regression, p_otherwise, self.legal)
        known = np.arange(len(Stage)) == self.if_silent[:, None]
        return mixed(happens[:, None], known, q)

    def regression(self, happens: Floats, p_regression: Floats) -> Floats:
        """The probability of regression alone, shape (n,)."""
        return mixed(happens, self.if_silent == Stage.REGRESSION, p_regression)
