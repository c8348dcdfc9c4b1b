"""The four stages and the moves between them that the definition allows."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Stage(IntEnum):
    """Life-cycle stage of a customer; the order is the order of the columns everywhere."""

    EXAMINATION = 0
    FORMATIVE = 1
    STABLE = 2
    REGRESSION = 3

    @property
    def label(self) -> str:
        """The stage in lower case, as it stands in tables."""
        return self.name.lower()


class SubState(IntEnum):
    """Sub-state of regression; they differ by a factor of five in what comes next."""

    NONE = 0
    SLIPPING = 1
    SILENT = 2
    LOST = 3

    @property
    def label(self) -> str:
        """The sub-state in lower case, empty outside regression."""
        return "" if self is SubState.NONE else self.name.lower()


class Cause(IntEnum):
    """Why a spell began: the rule that moved the customer into its stage or, in regression, its sub-state."""

    NONE = 0
    FIRST_ORDER = 1
    ENOUGH_ORDERS = 2
    LEVEL_HELD = 3
    FELL_OFF = 4
    FELL_SILENT = 5
    LONG_SILENT = 6
    ORDERED_AGAIN = 7
    RECOVERED = 8

    @property
    def label(self) -> str:
        """The cause in lower case words."""
        return self.name.lower().replace("_", " ")


STAGES = tuple(stage.label for stage in Stage)
SUB_STATES = tuple(state.label for state in SubState)

Booleans = npt.NDArray[np.bool_]
Stages = npt.NDArray[np.int8]

# Row: stage now; column: stage one period later. Nobody skips: promotions go up
# one stage a period at most, regression is open to all, and recovery never
# leads to stable.
_LEGAL = np.array(
    [
        [True, True, False, True],
        [False, True, True, True],
        [False, True, True, True],
        [True, True, False, True],
    ]
)


def legal_moves(stage: Stages, reached_formative: Booleans) -> Booleans:
    """Which stages each snapshot may stand in one period later.

    A customer that regressed goes back to examination only when it never got
    further.

    Args:
        stage: stage now, shape (n,).
        reached_formative: whether the customer ever stood in formative, shape (n,).

    Returns:
        Shape (n, 4), columns in the order of `Stage`.
    """
    legal = _LEGAL[stage]
    legal[:, Stage.EXAMINATION] &= (stage == Stage.EXAMINATION) | ~reached_formative
    return legal


def stage_distribution(
    p_regression: npt.NDArray[np.float64], p_otherwise: npt.NDArray[np.float64], legal: Booleans
) -> npt.NDArray[np.float64]:
    """One distribution over the next stages from its two parts.

    P(s) = (1 - p) q(s) for the three other stages and P(regression) = p, where
    q is `p_otherwise` cut to the legal moves and scaled to sum to one.

    Args:
        p_regression: probability p of regression, shape (n,).
        p_otherwise: weights of examination, formative, stable, given no
            regression; positive, shape (n, 3).
        legal: from `legal_moves`, shape (n, 4).

    Returns:
        Shape (n, 4); rows sum to one, forbidden moves are exactly zero.
    """
    q = np.where(legal[:, :3], np.maximum(p_otherwise, np.finfo(np.float64).tiny), 0.0)
    q /= q.sum(axis=1, keepdims=True)
    return np.column_stack([(1 - p_regression)[:, None] * q, p_regression])
