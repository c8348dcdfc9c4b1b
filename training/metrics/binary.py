"""How good probabilities of what happens or not were, and rankings by them.

`y` (n,) is 0 or 1, `p` (n,) the probability of 1, `score` (n,) any number that ranks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from features.errors import StagecastError
from features.fixed import Floats, Ints
from training.metrics.checks import as_numbers, as_outcomes, as_probabilities, require_positive, require_same_rows
from training.ranked import Ranked

CLIP = 1e-15
"""Probabilities are kept this far from 0 and 1 in logarithms: one certain error costs 34.5 nats, not infinity."""


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
    y, p = as_outcomes(y), as_probabilities(p)
    require_same_rows(y, p)
    p = np.clip(p, CLIP, 1 - CLIP)
    return np.asarray(-np.where(y == 1, np.log(p), np.log1p(-p)))


def log_loss(y: ArrayLike, p: ArrayLike) -> float:
    """Mean of `log_losses`."""
    return float(log_losses(y, p).mean())


def brier(y: ArrayLike, p: ArrayLike) -> float:
    """Mean squared error of the probability (Brier, 1950)."""
    y, p = as_outcomes(y), as_probabilities(p)
    require_same_rows(y, p)
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
    require_positive("bins", bins)
    return reliability(_ranked(y, as_probabilities(p)), bins)


def reliability(ranked: Ranked, bins: int = 10) -> Reliability:
    """The same of probabilities that are ranked already."""
    begin = ranked.bins(bins)
    count = np.diff(begin, append=len(ranked.order))
    predicted, observed = np.add.reduceat(ranked.score, begin), np.add.reduceat(ranked.y, begin, dtype=np.float64)
    return Reliability(predicted / count, observed / count, count)


def calibration_error(y: ArrayLike, p: ArrayLike, bins: int = 10) -> float:
    """ECE, the expected calibration error: sum over bins k of n_k / n |observed_k - predicted_k|.

    Naeini, Cooper, Hauskrecht (2015), here on the bins of equal mass of Nixon et al. (2019).
    Chance alone makes it larger than 0, the more so the fewer rows: see `calibration_error_by_chance`.
    """
    return reliability_curve(y, p, bins).error


def calibration_error_by_chance(ranked: Ranked, bins: int = 10) -> float:
    """What the calibration error is expected to be of probabilities that are right.

    In a bin of n_k rows the observed rate is then nearly normal with variance v_k / n_k, where v_k
    is the mean of p (1 - p), and its mean distance from the forecast is sqrt(2 v_k / (pi n_k)).
    """
    begin = ranked.bins(bins)
    count = np.diff(begin, append=len(ranked.order))
    variance = np.add.reduceat(ranked.score * (1 - ranked.score), begin) / count
    return float(np.average(np.sqrt(2 * variance / (np.pi * count)), weights=count))


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


def _ranked(y: ArrayLike, score: ArrayLike) -> Ranked:
    happened, score = as_outcomes(y), as_numbers(score)
    require_same_rows(happened, score)
    return Ranked.of(happened == 1, score)


def _taken(rows: int, share: float) -> int:
    if not 0 < share <= 1:
        raise StagecastError("A share that is none.", got=share, allowed="0 < share <= 1")
    return max(1, round(share * rows))
