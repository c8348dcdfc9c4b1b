"""How good forecasts of money were: net `spend` (n,) beside `predicted` (n,); returns can make both negative."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from features.fixed import Floats
from features.stages.moves import Booleans
from training.metrics.binary import Reliability
from training.metrics.checks import as_numbers, require_positive, require_same_rows
from training.ranked import Ranked


@dataclass(frozen=True)
class Ordered:
    """Spend beside a forecast of it, both sorted once; arrays of shape (n,).

    Attributes:
        spend: what came.
        predicted: what was said.
        by_spend: the rows by what came.
        by_forecast: the rows by what was said.
    """

    spend: Floats
    predicted: Floats
    by_spend: Ranked
    by_forecast: Ranked

    @classmethod
    def of(cls, spend: ArrayLike, predicted: ArrayLike) -> "Ordered":
        """Sort; raises StagecastError for arrays that are not finite, empty or of other lengths."""
        came, said = as_numbers(spend), as_numbers(predicted)
        require_same_rows(came, said)
        return cls(came, said, Ranked.of(came > 0, came), Ranked.of(came > 0, said))

    def only(self, inside: Booleans) -> "Ordered":
        """The rows inside; nothing is sorted again."""
        ranked = self.by_spend.only(inside), self.by_forecast.only(inside)
        return Ordered(self.spend[inside], self.predicted[inside], *ranked)

    @property
    def bias(self) -> float:
        """As `total_bias`."""
        total = self.spend.sum()
        return float(self.predicted.sum() / total - 1) if total != 0 else float("nan")

    @property
    def bias_values(self) -> Floats:
        """Pseudo-values (n,) of the bias: the mean is the bias, the weighted mean its first-order change."""
        bias = self.bias
        return np.asarray(bias + (self.predicted - (1 + bias) * self.spend) / (self.spend.mean() or np.nan))

    @cached_property
    def gini(self) -> float:
        """As `normalised_gini`."""
        best = self._concentration(self.by_spend)
        return self._concentration(self.by_forecast) / best if np.ptp(self.spend) > 0 else float("nan")

    @property
    def gini_values(self) -> Floats:
        """Pseudo-values (n,) of the coefficient, as those of the bias.

        Both covariances are of pairs of rows, the mean of s_i K_ij with K_ij whether i ranks
        above j (1/2 for equals): a row moves them by what it is to others, and by what
        others are to it (Hoeffding, 1948).
        """
        if np.isnan(self.gini):
            return np.full(len(self.spend), np.nan)
        moves = self._moved(self.by_forecast) - self.gini * self._moved(self.by_spend)
        return self.gini + moves / self._concentration(self.by_spend)

    @property
    def spearman(self) -> float:
        """As the function of this name."""
        one, other = (ranked.below - len(self.spend) / 2 for ranked in (self.by_spend, self.by_forecast))
        scale = np.sqrt((one**2).sum() * (other**2).sum())
        return float((one * other).sum() / scale) if scale > 0 else float("nan")

    def deciles(self, bins: int = 10) -> Reliability:
        """As the function of this name."""
        begin = self.by_forecast.bins(bins)
        count = np.diff(begin, append=len(self.spend))
        means = [np.add.reduceat(of[self.by_forecast.order], begin) / count for of in (self.predicted, self.spend)]
        return Reliability(means[0], means[1], count)

    def _concentration(self, ranked: Ranked) -> float:
        """Covariance of spend with the share of rows ranked below."""
        return float(((self.spend - self.spend.mean()) * ranked.below).mean()) / len(self.spend)

    def _moved(self, ranked: Ranked) -> Floats:
        """How much each row adds to that covariance, times n."""
        by_block = np.add.reduceat(self.spend[ranked.order], ranked.begin)
        above = np.empty(len(self.spend))
        above[ranked.order] = (by_block.sum() - np.cumsum(by_block) + by_block / 2)[ranked.block]
        pairs = self.spend * ranked.below + above
        return np.asarray((pairs - pairs.mean()) / len(self.spend) - (self.spend - self.spend.mean()) / 2)


def total_bias(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Predicted over true total spend, minus 1; nan where the true total is 0."""
    return Ordered.of(spend, predicted).bias


def normalised_gini(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Concentration of spend ranked by forecast over the same ranked by spend, in [-1, 1]; nan for constant spend.

    cov(spend, rank(predicted)) / cov(spend, rank(spend)): the Gini correlation of Schechtman
    and Yitzhaki (1987). Average ranks make ties fair.
    """
    return Ordered.of(spend, predicted).gini


def spearman(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Correlation of average ranks (Spearman, 1904); nan where either array is constant."""
    return Ordered.of(spend, predicted).spearman


def deciles(spend: ArrayLike, predicted: ArrayLike, bins: int = 10) -> Reliability:
    """Mean predicted and mean true spend in `bins` bins of equal mass by forecast; equal forecasts share a bin."""
    require_positive("bins", bins)
    return Ordered.of(spend, predicted).deciles(bins)


def decile_mape(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over deciles by forecast of |mean predicted - mean true| / mean true, weighted by rows.

    Decile-level MAPE of Wang, Liu, Miao (2019), arXiv:1912.07753. nan where a decile brought
    nothing, or less than nothing, so that there is nothing to divide by: see `decile_error`.
    """
    return mape_of(deciles(spend, predicted))


def decile_error(spend: ArrayLike, predicted: ArrayLike) -> float:
    """Mean over deciles by forecast of |mean predicted - mean true|, over the mean of all: calibration of money.

    Unlike `decile_mape` it lives with deciles that brought nothing. nan where the true total is not above 0.
    """
    return error_of(deciles(spend, predicted))


def mape_of(curve: Reliability) -> float:
    """`decile_mape` of deciles that are there already."""
    if (curve.observed <= 0).any():
        return float("nan")
    return float(np.average(np.abs(curve.predicted / curve.observed - 1), weights=curve.count))


def error_of(curve: Reliability) -> float:
    """`decile_error` of deciles that are there already."""
    mean = float(np.average(curve.observed, weights=curve.count))
    return curve.error / mean if mean > 0 else float("nan")
