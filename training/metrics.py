"""How good a forecast was: small pure functions of truth and forecast.

Unless said otherwise `y` (n,) is 0 or 1, `p` (n,) the probability of 1, `score` (n,) any
number that ranks; means run over rows. A score without a meaning (the AUROC of one
class) is nan. StagecastError is raised where the arrays differ in length, are empty,
hold a NaN or an infinity, or leave their range: such a forecast must not be averaged away.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata
from sklearn.metrics import f1_score, roc_auc_score

from features.errors import StagecastError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLIP = 1e-15
"""Probabilities are kept this far from 0 and 1 in logarithms: one certain error costs 34.5 nats, not infinity."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins of equal mass, from low to high forecast: mean forecast, observed rate, rows; arrays (k,), k <= bins."""

    predicted: Floats
    observed: Floats
    count: Ints


def log_losses(y: ArrayLike, p: ArrayLike) -> Floats:
    """-ln of the probability given to what happened, row by row (n,); clipped by CLIP (Good, 1952)."""
    y, p = _outcomes(y), _probabilities(p)
    _same_rows(y, p)
    p = np.clip(p, CLIP, 1 - CLIP)
    return np.asarray(-np.where(y == 1, np.log(p), np.log1p(-p)))


def log_loss(y: ArrayLike, p: ArrayLike) -> float:
    """Mean of `log_losses`."""
    return float(log_losses(y, p).mean())


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """Mean squared error of the probability (Brier, 1950)."""
    y, p = _outcomes(y), _probabilities(p)
    _same_rows(y, p)
    return float(((p - y) ** 2).mean())


def auroc(y: ArrayLike, score: ArrayLike) -> float:
    """Probability that a random 1 outranks a random 0, ties count half (Hanley, McNeil, 1982); nan with one class."""
    y, score = _outcomes(y), _numbers(score)
    _same_rows(y, score)
    return float(roc_auc_score(y, score)) if y.min() < y.max() else float("nan")


def reliability_curve(y: ArrayLike, p: ArrayLike, bins: int = 10) -> Reliability:
    """Forecast against observed rate in `bins` bins of equal mass.

    Equal forecasts always share a bin, so the order of rows never matters and
    there are fewer bins where forecasts repeat.
    """
    y, p = _outcomes(y), _probabilities(p)
    _same_rows(y, p)
    _positive("bins", bins)
    edges = np.quantile(p, np.arange(1, bins) / bins, method="inverted_cdf")
    _, which = np.unique(np.searchsorted(edges, p, side="left"), return_inverse=True)
    count = np.bincount(which)
    return Reliability(np.bincount(which, weights=p) / count, np.bincount(which, weights=y) / count, count)


def calibration_error(y: ArrayLike, p: ArrayLike, bins: int = 10) -> float:
    """ECE, the expected calibration error: sum over bins k of n_k / n |observed_k - predicted_k|.

    Naeini, Cooper, Hauskrecht (2015), here on the bins of equal mass of Nixon et al. (2019).
    """
    curve = reliability_curve(y, p, bins)
    return float(np.average(np.abs(curve.observed - curve.predicted), weights=curve.count))


def lift_at(y: ArrayLike, score: ArrayLike, share: float = 0.1) -> float:
    """Rate of 1 among the best-ranked `share` of rows over the rate of all; nan where nothing happened.

    max(1, round(share * n)) rows are taken; rows tied at the border count with the part
    of them that fits, as if drawn at random.
    """
    y, score = _outcomes(y), _numbers(score)
    _same_rows(y, score)
    if not 0 < share <= 1:
        raise StagecastError("A share that is none.", got=share, allowed="0 < share <= 1")
    taken = max(1, round(share * len(y)))
    border = np.partition(score, -taken)[-taken]
    above, tied = score > border, score == border
    hits = y[above].sum() + (taken - above.sum()) * y[tied].mean()
    return float(hits / taken / y.mean()) if y.any() else float("nan")


def stage_log_losses(stage: ArrayLike, p: ArrayLike) -> Floats:
    """-ln of the probability given to the stage that came, row by row (n,); clipped by CLIP.

    `stage` (n,) holds columns of `p` (n, k), whose rows sum to 1 within 1e-6.
    """
    p = _probabilities(p, dimensions=2)
    stage = _codes(stage, p.shape[1])
    _same_rows(stage, p)
    sums = p.sum(axis=1)
    if np.abs(sums - 1).max() > 1e-6:
        raise StagecastError("Probabilities that do not sum to 1.", got=sums[np.abs(sums - 1).argmax()], allowed="1")
    return np.asarray(-np.log(np.clip(p[np.arange(len(p)), stage], CLIP, 1 - CLIP)))


def stage_log_loss(stage: ArrayLike, p: ArrayLike) -> float:
    """Mean of `stage_log_losses`."""
    return float(stage_log_losses(stage, p).mean())


def macro_f1(stage: ArrayLike, predicted: ArrayLike) -> float:
    """Unweighted mean of F1 over the stages seen in either array of codes (n,); 0 for a stage never hit."""
    stage, predicted = _codes(stage), _codes(predicted)
    _same_rows(stage, predicted)
    return float(f1_score(stage, predicted, average="macro", zero_division=0.0))


def total_bias(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Predicted over true total spend, minus 1; nan where the true total is 0. Arrays (n,) of money."""
    spend, predicted = _numbers(spend), _numbers(predicted)
    _same_rows(spend, predicted)
    total = spend.sum()
    return float(predicted.sum() / total - 1) if total != 0 else float("nan")


def normalised_gini(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Concentration of spend ranked by forecast over the same ranked by spend, in [-1, 1]; nan for constant spend.

    cov(spend, rank(predicted)) / cov(spend, rank(spend)): the Gini correlation of Schechtman
    and Yitzhaki (1987). Average ranks make ties fair; negative spend (returns) is allowed.
    """
    spend, predicted = _numbers(spend), _numbers(predicted)
    _same_rows(spend, predicted)
    from_mean = spend - spend.mean()
    best = (from_mean * rankdata(spend)).sum()
    return float((from_mean * rankdata(predicted)).sum() / best) if np.ptp(spend) > 0 else float("nan")


def spearman(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Correlation of average ranks (Spearman, 1904); nan where either array (n,) is constant."""
    spend, predicted = _numbers(spend), _numbers(predicted)
    _same_rows(spend, predicted)
    if np.ptp(spend) == 0 or np.ptp(predicted) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(spend), rankdata(predicted))[0, 1])


def _numbers(values: ArrayLike, dimensions: int = 1) -> Floats:
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != dimensions or numbers.size == 0:
        raise StagecastError("Not the shape of a forecast.", got=numbers.shape, allowed=f"{dimensions}-d, not empty")
    if not np.isfinite(numbers).all():
        odd = int((~np.isfinite(numbers)).sum())
        raise StagecastError("Missing or infinite numbers.", got=f"{odd} of {numbers.size}", allowed="finite numbers")
    return numbers


def _outcomes(values: ArrayLike) -> Floats:
    y = _numbers(values)
    if not ((y == 0) | (y == 1)).all():
        raise StagecastError("Outcomes that are not binary.", got=np.unique(y)[:5], allowed="0 and 1")
    return y


def _probabilities(values: ArrayLike, dimensions: int = 1) -> Floats:
    p = _numbers(values, dimensions)
    if p.min() < 0 or p.max() > 1:
        raise StagecastError("Not probabilities.", got=f"{p.min()} ... {p.max()}", allowed="0 ... 1")
    return p


def _codes(values: ArrayLike, stages: int | None = None) -> Ints:
    codes = _numbers(values)
    top = np.inf if stages is None else stages - 1
    if (codes % 1 != 0).any() or codes.min() < 0 or codes.max() > top:
        raise StagecastError("Not stage codes.", got=f"{codes.min()} ... {codes.max()}", allowed=f"whole, 0 ... {top}")
    return codes.astype(np.int64)


def _same_rows(*arrays: NDArray[np.generic]) -> None:
    rows = [len(array) for array in arrays]
    if len(set(rows)) > 1:
        raise StagecastError("Truth and forecast differ in length.", got=rows, allowed="equal lengths")


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise StagecastError(f"Too few {name}.", got=value, allowed=">= 1")
