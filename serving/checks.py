"""What no score table may be."""

import numpy as np
import pandas as pd

from features.errors import ModelError
from serving.contract import PROBABILITIES


def check_scores(scores: pd.DataFrame, known: np.ndarray) -> None:
    """Refuse a score table that cannot be right.

    Raises:
        ModelError: a row is missing or doubled, or a probability is none.
    """
    if len(scores) != len(known) or scores["customer_id"].duplicated().any():
        raise _refused("a row is missing or doubled")
    require_probabilities(scores)


def require_probabilities(scores: pd.DataFrame) -> None:
    """Refuse probabilities that are none, or that do not sum to 1 over the stages.

    Raises:
        ModelError: so it is.
    """
    p = scores[list(PROBABILITIES)].to_numpy()
    if not ((p >= 0) & (p <= 1)).all():
        raise _refused("a probability is not in [0, 1]")
    if (np.abs(p[:, :4].sum(axis=1) - 1) > 1e-9).any():
        raise _refused("stage probabilities do not sum to 1")


def _refused(fault: str) -> ModelError:
    return ModelError(f"the scores are refused: {fault}", remedy="nothing was written; roll back to an earlier model")
