"""Paired bootstrap over customers: tells a better model from a lucky sample.

Rows of one customer (at many cut-offs) are not independent, so whole customers are drawn
with replacement, and both models are judged on the same draw: the cluster bootstrap with
the percentile interval of Efron and Tibshirani (1993, chapters 8 and 13). Sums avoid
BLAS: its threads make a busy machine crawl, and their number would show in the last bits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from features.errors import StagecastError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Resampling:
    """How to resample: `resamples` draws from `seed`, and an interval that holds the share `level` of them."""

    resamples: int = 1000
    seed: int = 0
    level: float = 0.95

    def __post_init__(self) -> None:
        """Raise StagecastError unless there is a draw and the level is inside (0, 1)."""
        if self.resamples < 1 or not 0 < self.level < 1:
            raise StagecastError("Nothing to resample.", got=self, allowed="resamples >= 1, 0 < level < 1")

    def weights(self, customers: int) -> Iterator[Floats]:
        """Yield draws: how often each of the customers was drawn, (customers,), summing to their number."""
        generator = np.random.default_rng(self.seed)
        for _ in range(self.resamples):
            drawn = generator.integers(0, customers, customers)
            yield np.bincount(drawn, minlength=customers).astype(np.float64)

    def interval(self, estimate: float, draws: ArrayLike) -> "Interval":
        """Cut the percentile interval from the draws that are defined; nan bounds when none is."""
        numbers = np.asarray(draws, dtype=np.float64)
        defined = numbers[~np.isnan(numbers)]
        tail = (1 - self.level) / 2
        low, high = np.quantile(defined, [tail, 1 - tail]) if len(defined) else (np.nan, np.nan)
        return Interval(estimate, float(low), float(high))


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimated difference and the interval it is believed in; nan where nothing can be said."""

    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the sign of the difference is settled; False for nan bounds."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        """Show like +0.0043 [+0.0005, +0.0084]."""
        return f"{self.estimate:+.4f} [{self.low:+.4f}, {self.high:+.4f}]"


DEFAULT = Resampling()


MOST_CLUSTERS = 4096
"""More customers than these are dealt into so many groups, drawn whole.

An interval from g groups has a width that is off by chance by 1 / sqrt(2 g), here 1 %; a
thousand draws of single customers leave 4 %.
"""


@dataclass(frozen=True)
class Clusters:
    """Customers, or groups of them, that are drawn together; every mean of a judgement is resampled on the same draws.

    Attributes:
        code: cluster of each row, shape (n,).
        number: how many clusters there are.
        resampling: how to draw them.
    """

    code: Ints
    number: int
    resampling: Resampling

    @classmethod
    def of(cls, customers: ArrayLike, resampling: Resampling) -> "Clusters":
        """Clusters of the rows' customers (n,); raises StagecastError where a row has none."""
        code, known = _customers(customers)
        if known > MOST_CLUSTERS:
            dealt = np.random.default_rng(resampling.seed).permutation(known) % MOST_CLUSTERS
            code, known = dealt[code], MOST_CLUSTERS
        return cls(code, known, resampling)

    def sums(self, values: Floats, rows: Ints | slice = slice(None)) -> Floats:
        """Sum of values over the rows of each cluster, shape (number,)."""
        return np.bincount(self.code[rows], values, self.number).astype(np.float64, copy=False)

    def drawn(self, sums: Floats) -> Floats:
        """Totals of sums (number, k) in each draw, shape (draws, k); no draws from a single cluster."""
        slices = (np.ascontiguousarray(sums[:, k : k + 64]) for k in range(0, sums.shape[1], 64))  # fit the cache
        return np.concatenate([np.einsum("dc,ck->dk", self._weights, part) for part in slices], axis=1)

    @cached_property
    def _weights(self) -> Floats:
        draws = list(self.resampling.weights(self.number)) if self.number > 1 else []
        return np.array(draws).reshape(-1, self.number)


@dataclass(frozen=True, slots=True)
class Ranking:
    """Rows sorted by score once, so that a weighted AUROC costs one cumulative sum.

    `ones` (m,) are the rows with outcome 1; `zeros` (k,) the others from low to high score;
    `below` and `upto` (m,) count the zeros that score less, and not more, than each one.
    """

    ones: Ints
    zeros: Ints
    below: Ints
    upto: Ints

    @classmethod
    def of(cls, y: ArrayLike, score: ArrayLike) -> "Ranking":
        """Rank rows by `score` (n,) with outcomes `y` (n,) of 0 and 1; raises StagecastError for other input."""
        outcome, ranked = _column("outcomes", y), _column("scores", score)
        if outcome.shape != ranked.shape or not np.isin(outcome, (0, 1)).all():
            got = f"{outcome.shape} with {np.unique(outcome)[:5]}, {ranked.shape}"
            raise StagecastError("Outcomes that do not fit the scores.", got=got, allowed="0 and 1, equal lengths")
        ones, zeros = np.flatnonzero(outcome == 1), np.flatnonzero(outcome == 0)
        zeros = zeros[np.argsort(ranked[zeros], kind="stable")]
        below, upto = (np.searchsorted(ranked[zeros], ranked[ones], side=side) for side in ("left", "right"))
        return cls(ones, zeros, below, upto)

    def auroc(self, weights: Floats) -> float:
        """Weighted AUROC, `weights` (n,) >= 0: the weight of pairs ranked right, ties half; nan with one class."""
        won = np.concatenate(([0.0], np.cumsum(weights[self.zeros])))
        mine = weights[self.ones]
        pairs = mine.sum() * won[-1]
        return float((mine * (won[self.below] + won[self.upto])).sum() / 2 / pairs) if pairs > 0 else float("nan")


def paired_interval(
    loss_a: ArrayLike, loss_b: ArrayLike, customers: ArrayLike, resampling: Resampling = DEFAULT
) -> Interval:
    """Mean loss of A minus mean loss of B, with its interval: below 0 where A is better.

    `loss_a`, `loss_b` (n,) are losses per row, `customers` (n,) the customer of each row. The mean is
    over rows, sum / count of the drawn customers. With a single customer the bounds are nan. Raises
    StagecastError for NaN or arrays of unequal length.
    """
    a, b = _column("losses", loss_a), _column("losses", loss_b)
    codes, known = _customers(customers, a, b)
    sums, rows = np.bincount(codes, weights=a - b), np.bincount(codes).astype(np.float64)
    draws = [float((w * sums).sum() / (w * rows).sum()) for w in resampling.weights(known)] if known > 1 else []
    return resampling.interval(float(sums.sum() / rows.sum()), draws)


def paired_auroc_interval(
    y: ArrayLike, score_a: ArrayLike, score_b: ArrayLike, customers: ArrayLike, resampling: Resampling = DEFAULT
) -> Interval:
    """AUROC of A minus AUROC of B, with its interval: above 0 where A ranks better.

    All arrays (n,); `y` of 0 and 1. Draws that hold one class only are left out; with a single customer
    the bounds are nan, with one class everything is. Raises StagecastError for NaN or unequal lengths.
    """
    a, b = Ranking.of(y, score_a), Ranking.of(y, score_b)
    codes, known = _customers(customers, _column("scores", score_a), _column("scores", score_b))
    everyone = np.ones(len(codes))
    per_row = (w[codes] for w in resampling.weights(known)) if known > 1 else iter(())
    draws = [a.auroc(w) - b.auroc(w) for w in per_row]
    return resampling.interval(a.auroc(everyone) - b.auroc(everyone), draws)


def _column(name: str, values: ArrayLike) -> Floats:
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or column.size == 0 or not np.isfinite(column).all():
        got = f"shape {column.shape}, {int((~np.isfinite(column)).sum())} not finite"
        raise StagecastError(f"Unusable {name}.", got=got, allowed="one column of finite numbers, not empty")
    return column


def _customers(customers: ArrayLike, *columns: Floats) -> tuple[Ints, int]:
    """Give each row the place of its customer in sorted order, and the number of customers."""
    codes, known = pd.factorize(np.asarray(customers), sort=True)
    rows = [len(codes), *map(len, columns)]
    if len(set(rows)) > 1 or (codes < 0).any():
        got = f"lengths {rows}, {int((codes < 0).sum())} rows without a customer"
        raise StagecastError("Customers that do not fit the rows.", got=got, allowed="one customer for every row")
    return codes.astype(np.int64), len(known)
