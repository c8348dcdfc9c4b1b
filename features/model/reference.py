"""What the world looked like in training: how features and probabilities were distributed, and how much that moved."""

from collections.abc import Sequence

import numba
import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import Field

from features.config import Strict
from features.fixed import Floats, Ints

P_BINS = 20
"""Bins of a probability, equally wide, from 0 to 1."""


BY_CHANCE = 0.999
"""Quantile of the distance between two samples of one distribution that is still put down to chance."""


class Distribution(Strict):
    """How one number was distributed over customers.

    Attributes:
        edges: the bins are up to and with the first edge, from there up to and with the second, and so on, then above
            the last; then that which is not known.
        counts: customers in each bin at the reference cut-off, shape (edges + 2,).
        normal: the largest distance between any two cut-offs of training up to so many weeks apart, at each of
            `Reference.lags`.
        gain: its share of what all features bring the model.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    normal: tuple[float, ...]
    gain: float = 0.0


class Reference(Strict):
    """What a model was trained on, in numbers that later weeks are held against.

    Distances are Jensen-Shannon's, from 0 to 1, between the cut-offs of
    training: who knows how far a feature moves in a quarter is not alarmed
    when it does so again. So tenure may grow, and December may come.

    Attributes:
        cutoff: the reference: the newest cut-off of the table, YYYY-MM-DD; empty where there is none.
        lags: weeks between two cut-offs of training, ascending.
        features: by name; only those that the model uses.
        scores: the model's `p_regression` and `p_order`, in `P_BINS` equal bins.
    """

    cutoff: str = ""
    lags: tuple[int, ...] = ()
    features: dict[str, Distribution] = Field(default_factory=dict)
    scores: dict[str, Distribution] = Field(default_factory=dict)

    def count(self, features: pd.DataFrame) -> dict[str, tuple[int, ...]]:
        """Customers in each bin of each feature; the counts of two groups of customers add up.

        Args:
            features: a row a customer; those of the reference are looked at.
        """
        return {
            name: tuple(count(features[name].to_numpy(), np.asarray(one.edges)).tolist())
            for name, one in self.features.items()
            if name in features
        }


def count(values: npt.NDArray[np.floating], edges: Floats) -> Ints:
    """How many values lie in each bin of a `Distribution`, shape (edges + 2,)."""
    counts = np.zeros(len(edges) + 2, dtype=np.int64)
    _count(values, edges, counts)
    return counts


def p_count(p: Floats) -> Ints:
    """How many probabilities lie in each of `P_BINS` equal bins, shape (P_BINS,); 1 lies in the last."""
    return np.bincount(np.minimum((p * P_BINS).astype(np.int64), P_BINS - 1), minlength=P_BINS)


def distance(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Jensen-Shannon distance of two distributions in the same bins, given as counts or shares: 0 the same, 1 apart.

    The root of the Jensen-Shannon divergence to base 2 (Endres and Schindelin 2003); a metric.
    """
    return float(distances(np.asarray([one]), np.asarray([other]))[0])


def distances(one: npt.NDArray[np.number], other: npt.NDArray[np.number]) -> Floats:
    """`distance` of each row of two tables of counts or shares, shape (rows, bins); 0 where a row counts nobody."""
    from scipy.spatial.distance import jensenshannon

    with np.errstate(invalid="ignore"):
        apart: Floats = jensenshannon(one.astype(float), other.astype(float), base=2, axis=1)
    return np.nan_to_num(apart)


def by_chance(counts: Sequence[int], customers: int) -> float:
    """Distance between two samples that chance alone brings about.

    For small differences the divergence is a chi-squared statistic: 8 ln 2 times it, over the sum
    of one over the sizes, has one degree of freedom less than there are bins (Lin 1991, Taylor
    series of the Jensen-Shannon divergence).
    """
    from scipy.special import chdtri

    bins = max(len(counts) - 1, 1)
    sizes = 1 / max(sum(counts), 1) + 1 / max(customers, 1)
    return float(np.sqrt(chdtri(bins, 1 - BY_CHANCE) * sizes / (8 * np.log(2))))


@numba.njit(cache=True, nogil=True)
def _count(values: npt.NDArray[np.floating], edges: Floats, counts: Ints) -> None:
    last = len(edges)
    for value in values:
        if np.isnan(value):
            counts[last + 1] += 1
        else:
            counts[np.searchsorted(edges, value)] += 1
