"""How good distributions over the next stage were: `stage` (n,) codes, `p` (n, 4), columns in the order of `Stage`."""

import numpy as np
from numpy.typing import ArrayLike

from features.fixed import Floats
from features.stages.moves import Stage
from training.metrics.binary import CLIP
from training.metrics.checks import as_codes, as_distributions, require_same_rows

FROM_THE_BOTTOM = (Stage.REGRESSION, Stage.EXAMINATION, Stage.FORMATIVE, Stage.STABLE)
"""The stages from the weakest relationship to the strongest: along this line customers order ever more often."""


def stage_log_losses(stage: ArrayLike, p: ArrayLike) -> Floats:
    """-ln of the probability given to the stage that came, row by row (n,); clipped by CLIP.

    `stage` (n,) holds columns of `p` (n, k), whose rows sum to 1 within 1e-6.
    """
    p = as_distributions(p)
    stage = as_codes(stage, p.shape[1])
    require_same_rows(stage, p)
    return np.asarray(-np.log(np.clip(p[np.arange(len(p)), stage], CLIP, 1 - CLIP)))


def stage_log_loss(stage: ArrayLike, p: ArrayLike) -> float:
    """Mean of `stage_log_losses`."""
    return float(stage_log_losses(stage, p).mean())


def ranked_stage_log_losses(stage: ArrayLike, p: ArrayLike) -> Floats:
    """Logarithmic loss of the cumulative distribution, row by row (n,): to be off by two stages costs more than by one.

    The stages lie on a line, `FROM_THE_BOTTOM`; the loss is the sum of -ln of the
    probability given to the right side of each of the three borders on it. In bits it is
    the ranked ignorance score of Todter and Ahrens (2012), Monthly Weather Review 140: the
    ranked probability score (Epstein, 1969) with logarithms in the place of squares.
    Strictly proper, since it is a sum of proper losses, one of each tail. Clipped by CLIP.
    """
    p = as_distributions(p)
    stage = as_codes(stage, p.shape[1])
    require_same_rows(stage, p)
    place = np.argsort(FROM_THE_BOTTOM)[stage][:, None]
    line = p[:, FROM_THE_BOTTOM]
    upto = np.cumsum(line, axis=1)[:, :-1]
    above = np.cumsum(line[:, ::-1], axis=1)[:, -2::-1]
    given = np.where(place <= np.arange(upto.shape[1]), upto, above)
    return np.asarray(-np.log(np.clip(given, CLIP, 1 - CLIP)).sum(axis=1))


def ranked_stage_log_loss(stage: ArrayLike, p: ArrayLike) -> float:
    """Mean of `ranked_stage_log_losses`."""
    return float(ranked_stage_log_losses(stage, p).mean())


def macro_f1(stage: ArrayLike, predicted: ArrayLike) -> float:
    """Unweighted mean of F1 over the stages seen in either array of codes (n,); 0 for a stage never hit."""
    stage, predicted = as_codes(stage), as_codes(predicted)
    require_same_rows(stage, predicted)
    stages = int(max(stage.max(), predicted.max())) + 1
    hits = np.bincount(stage[stage == predicted], minlength=stages)
    seen = np.bincount(stage, minlength=stages) + np.bincount(predicted, minlength=stages)
    return float((2 * hits[seen > 0] / seen[seen > 0]).mean())
