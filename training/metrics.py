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

from features.errors import StagecastError
from features.stages.moves import Stage
from training.ranked import Ranked

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLIP = 1e-15
"""Probabilities are kept this far from 0 and 1 in logarithms: one certain error costs 34.5 nats, not infinity."""

FROM_THE_BOTTOM = (Stage.REGRESSION, Stage.EXAMINATION, Stage.FORMATIVE, Stage.STABLE)
"""The stages from the weakest relationship to the strongest: along this line customers order ever more often."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Bins of equal mass, from low to high forecast: mean forecast, observed rate, rows; arrays (k,), k <= bins."""

    predicted: Floats
    observed: Floats
    count: Ints

    @property
    def error(self) -> float:
        """Mean distance of the two, by rows: see `calibration_error`."""
        return float(np.average(np.abs(self.observed - self.predicted), weights=self.count))


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
    return _ranked(y, score).auroc


def average_precision(y: ArrayLike, score: ArrayLike) -> float:
    """Precision at each distinct score, weighted by the recall that it adds; nan where nothing happened.

    The area under the curve of precision and recall without interpolation, which would
    flatter (Davis, Goadrich, 2006). A score without skill has the rate of 1.
    """
    return _ranked(y, score).average_precision


def reliability_curve(y: ArrayLike, p: ArrayLike, bins: int = 10) -> Reliability:
    """Forecast against observed rate in `bins` bins of equal mass.

    Equal forecasts always share a bin, so the order of rows never matters and
    there are fewer bins where forecasts repeat.
    """
    _positive("bins", bins)
    return reliability(_ranked(y, _probabilities(p)), bins)


def reliability(ranked: Ranked, bins: int = 10) -> Reliability:
    """The same of probabilities that are ranked already."""
    begin = ranked.bins(bins)
    count = np.diff(begin, append=len(ranked.order))
    predicted, observed = np.add.reduceat(ranked.score, begin), np.add.reduceat(ranked.y, begin, dtype=np.float64)
    return Reliability(predicted / count, observed / count, count)


def calibration_error(y: ArrayLike, p: ArrayLike, bins: int = 10) -> float:
    """ECE, the expected calibration error: sum over bins k of n_k / n |observed_k - predicted_k|.

    Naeini, Cooper, Hauskrecht (2015), here on the bins of equal mass of Nixon et al. (2019).
    Chance alone makes it larger than 0, the more so the fewer rows: an honest forecast has
    about sqrt(bins * p (1 - p) * 2 / (pi n)).
    """
    return reliability_curve(y, p, bins).error


def lift_at(y: ArrayLike, score: ArrayLike, share: float = 0.1) -> float:
    """Rate of 1 among the best-ranked `share` of rows over the rate of all; nan where nothing happened.

    max(1, round(share * n)) rows are taken; rows tied at the border count with the part
    of them that fits, as if drawn at random.
    """
    return lift(_ranked(y, score), share)


def lift(ranked: Ranked, share: float) -> float:
    """The same of rows that are ranked already."""
    rows = len(ranked.order)
    return gain(ranked, share) * rows / _taken(rows, share)


def gain_at(y: ArrayLike, score: ArrayLike, share: float = 0.1) -> float:
    """Share of all 1 that are among the best-ranked `share` of rows, taken as `lift_at` takes them; nan without any."""
    return gain(_ranked(y, score), share)


def gain(ranked: Ranked, share: float) -> float:
    """The same of rows that are ranked already."""
    ones = int(ranked.ones.sum())
    return ranked.found(_taken(len(ranked.order), share)) / ones if ones else float("nan")


def stage_log_losses(stage: ArrayLike, p: ArrayLike) -> Floats:
    """-ln of the probability given to the stage that came, row by row (n,); clipped by CLIP.

    `stage` (n,) holds columns of `p` (n, k), whose rows sum to 1 within 1e-6.
    """
    p = _distributions(p)
    stage = _codes(stage, p.shape[1])
    _same_rows(stage, p)
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
    p = _distributions(p)
    stage = _codes(stage, p.shape[1])
    _same_rows(stage, p)
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
    stage, predicted = _codes(stage), _codes(predicted)
    _same_rows(stage, predicted)
    stages = int(max(stage.max(), predicted.max())) + 1
    hits = np.bincount(stage[stage == predicted], minlength=stages)
    seen = np.bincount(stage, minlength=stages) + np.bincount(predicted, minlength=stages)
    return float((2 * hits[seen > 0] / seen[seen > 0]).mean())


def total_bias(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Predicted over true total spend, minus 1; nan where the true total is 0. Arrays (n,) of money."""
    spend, predicted = _numbers(spend), _numbers(predicted)
    _same_rows(spend, predicted)
    total = spend.sum()
    return float(predicted.sum() / total - 1) if total != 0 else float("nan")


def total_bias_values(spend: Floats, predicted: Floats) -> Floats:
    """Pseudo-values (n,) of `total_bias`: the mean is the bias, the weighted mean its first-order change."""
    bias = total_bias(spend, predicted)
    return np.asarray(bias + (predicted - (1 + bias) * spend) / (spend.mean() or np.nan))


def decile_errors(spend: ArrayLike, predicted: ArrayLike, bins: int = 10) -> Reliability:
    """Mean predicted and mean true spend in `bins` bins of equal mass by forecast; equal forecasts share a bin."""
    spend, predicted = _numbers(spend), _numbers(predicted)
    _same_rows(spend, predicted)
    _positive("bins", bins)
    ranked = Ranked.of(np.zeros(len(spend), dtype=bool), predicted)
    begin = ranked.bins(bins)
    count = np.diff(begin, append=len(spend))
    means = [np.add.reduceat(values[ranked.order], begin) / count for values in (predicted, spend)]
    return Reliability(means[0], means[1], count)


def decile_mape(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over deciles by forecast of |mean predicted - mean true| / mean true, weighted by rows.

    Decile-level MAPE of Wang, Liu, Miao (2019), arXiv:1912.07753. nan where a decile brought
    nothing, or less than nothing, so that there is nothing to divide by: see `decile_error`.
    """
    deciles = decile_errors(spend, predicted)
    if (deciles.observed <= 0).any():
        return float("nan")
    return float(np.average(np.abs(deciles.predicted / deciles.observed - 1), weights=deciles.count))


def decile_error(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over deciles by forecast of |mean predicted - mean true|, over the mean of all: calibration of money.

    Unlike `decile_mape` it lives with deciles that brought nothing. nan where the true total is not above 0.
    """
    deciles = decile_errors(spend, predicted)
    mean = np.average(deciles.observed, weights=deciles.count)
    return deciles.error / float(mean) if mean > 0 else float("nan")


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


def normalised_gini_values(spend: Floats, predicted: Floats) -> Floats:
    """Pseudo-values (n,) of `normalised_gini`: the mean is the coefficient, the weighted mean its first-order change.

    Both covariances are of pairs, sum_ij s_i K_ij with K_ij whether i ranks above j (1/2 for
    equals), so a row moves them by what it is to others and by what others are to it
    (Hoeffding, 1948).
    """
    if np.ptp(spend) == 0:
        return np.full(len(spend), np.nan)
    (said, of_said), (best, of_best) = (_concentration(spend, ranks) for ranks in (predicted, spend))
    return np.asarray(said / best + (of_said - said / best * of_best) / best)


def _concentration(spend: Floats, score: Floats) -> tuple[float, Floats]:
    """Covariance of spend with the share of rows ranked below, and n times what each row adds to it."""
    _, block, count = np.unique(score, return_inverse=True, return_counts=True)
    below = (np.cumsum(count) - count / 2)[block] / len(spend)
    by_block = np.bincount(block, spend)
    above = (by_block.sum() - np.cumsum(by_block) + by_block / 2)[block] / len(spend)
    pairs, mean = float((spend * below).mean()), float(spend.mean())
    return pairs - mean / 2, spend * below + above - 2 * pairs - (spend - mean) / 2


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


def _distributions(values: ArrayLike) -> Floats:
    p = _probabilities(values, dimensions=2)
    sums = p.sum(axis=1)
    if np.abs(sums - 1).max() > 1e-6:
        raise StagecastError("Probabilities that do not sum to 1.", got=sums[np.abs(sums - 1).argmax()], allowed="1")
    return p


def _ranked(y: ArrayLike, score: ArrayLike) -> Ranked:
    happened, score = _outcomes(y), _numbers(score)
    _same_rows(happened, score)
    return Ranked.of(happened == 1, score)


def _taken(rows: int, share: float) -> int:
    if not 0 < share <= 1:
        raise StagecastError("A share that is none.", got=share, allowed="0 < share <= 1")
    return max(1, round(share * rows))


def _positive(name: str, value: int) -> None:
    if value < 1:
        raise StagecastError(f"Too few {name}.", got=value, allowed=">= 1")
