"""Rows in the order of a forecast: one sort, from which every measure of ranking follows.

Rows with equal forecasts make one block and are never told apart, so no
measure depends on the order in which rows happen to stand.
"""

from dataclasses import dataclass
from functools import cached_property

import numba
import numpy as np

from features.fixed import Floats, Ints
from features.stages.moves import Booleans


@dataclass(frozen=True)
class Ranked:
    """Rows sorted by stratum, then from the lowest score to the highest.

    Ranks of different strata (cut-offs, say) are never compared. Whatever is
    not said to be within strata is meant for rows of a single one.

    Attributes:
        order: the rows, shape (n,).
        y: whether it happened, in that order, shape (n,).
        score: in that order, shape (n,).
        stratum: codes 0, 1, ... in that order, shape (n,).
    """

    order: Ints
    y: Booleans
    score: Floats
    stratum: Ints

    @classmethod
    def of(cls, y: Booleans, score: Floats, stratum: Ints | None = None) -> "Ranked":
        """Rank rows by `score` (n,), within strata where their codes (n,) are given."""
        order = np.argsort(score)
        if stratum is None:
            return cls(order, y[order], score[order], np.zeros(len(order), dtype=np.int64))
        order = order[np.argsort(stratum[order].astype(np.int16), kind="stable")]  # a radix sort
        return cls(order, y[order], score[order], stratum[order])

    def only(self, inside: Booleans) -> "Ranked":
        """The rows inside, numbered anew as `rows[inside]` numbers them; nothing is sorted again."""
        kept = np.flatnonzero(inside[self.order])
        number = np.empty(len(inside), dtype=np.int64)
        number[inside] = np.arange(np.count_nonzero(inside))
        return Ranked(number[self.order[kept]], self.y[kept], self.score[kept], self.stratum[kept])

    @cached_property
    def begin(self) -> Ints:
        """Where each block of equal scores begins, shape (k,)."""
        new = (np.diff(self.score) != 0) | (np.diff(self.stratum) != 0)
        return np.concatenate([[0], np.flatnonzero(new) + 1])

    @cached_property
    def rows(self) -> Ints:
        """Rows of each block, shape (k,)."""
        return np.diff(self.begin, append=len(self.order))

    @cached_property
    def ones(self) -> Ints:
        """Rows of each block in which it happened, shape (k,)."""
        return np.add.reduceat(self.y, self.begin, dtype=np.int64)

    @cached_property
    def block(self) -> Ints:
        """The block of each row, in order, shape (n,)."""
        return np.repeat(np.arange(len(self.begin)), self.rows)

    @cached_property
    def below(self) -> Floats:
        """How many rows rank below each row, its equals (itself among them) by half; by row, shape (n,)."""
        return self._in_rows((self.begin + self.rows / 2)[self.block])

    @cached_property
    def auroc(self) -> float:
        """Area under the ROC curve, the mean over strata that hold both outcomes; nan where none does."""
        areas, _ = self._placed
        return float(areas[~np.isnan(areas)].mean()) if not np.isnan(areas).all() else float("nan")

    @property
    def auroc_values(self) -> Floats:
        """Pseudo-values of the AUROC: one number a row, shape (n,), whose mean is the AUROC.

        And whose weighted mean is, to first order, the AUROC of weighted rows,
        so that it may be resampled like any mean. They are made from the
        placements of DeLong, DeLong, Clarke-Pearson (1988): of a one among the
        zeros, of a zero among the ones. nan where the AUROC is.
        """
        areas, influence = self._placed
        strata = max(int((~np.isnan(areas)).sum()), 1)
        return self._in_rows(self.auroc + len(self.order) / strata * influence)

    @property
    def average_precision(self) -> float:
        """Precision at each threshold, weighted by the recall it adds; nan where nothing happened."""
        ones = np.cumsum(self.ones[::-1])
        if ones[-1] == 0:
            return float("nan")
        return float((self.ones[::-1] * ones / np.cumsum(self.rows[::-1])).sum() / ones[-1])

    def found(self, taken: float) -> float:
        """How many ones are among the `taken` rows ranked highest; a block cut by the border counts in part."""
        return float(np.interp(taken, *self.found_upto))

    @cached_property
    def found_upto(self) -> tuple[Ints, Ints]:
        """Rows down to the end of each block, from the highest, and the ones among them; both begin with 0."""
        return _running(self.rows[::-1]), _running(self.ones[::-1])

    def bins(self, most: int) -> Ints:
        """Where each of at most `most` bins of equal mass begins, in order; a block is never parted."""
        rows = len(self.order)
        last = [-(-rows * k // most) - 1 for k in range(1, most)]
        edges = self.score[[place for place in last if place >= 0]]
        begin = np.unique(np.concatenate([[0], np.searchsorted(self.score, edges, side="right")]))
        return np.asarray(begin[begin < rows])

    def _in_rows(self, in_order: Floats) -> Floats:
        values = np.empty_like(in_order)
        values[self.order] = in_order
        return values

    @cached_property
    def _placed(self) -> tuple[Floats, Floats]:
        return _place(self.y, np.append(self.begin, len(self.y)), self.ones, self.stratum[self.begin])


@numba.njit(cache=True, nogil=True)
def _place(y: Booleans, begin: Ints, ones: Ints, stratum: Ints) -> tuple[Floats, Floats]:
    """AUROC of each stratum, nan without both outcomes, and what each row adds to it, in order.

    A one adds the share of the zeros that it outranks, a zero the share of the
    ones that outrank it, each less the AUROC and divided by the number of its kind.

    Args:
        y: whether it happened, in order, shape (n,).
        begin: where each block of equal scores begins, and the end, shape (k + 1,).
        ones: rows of each block in which it happened, shape (k,).
        stratum: of each block, shape (k,).
    """
    strata = stratum[-1] + 1
    total = np.zeros((strata, 2))
    area = np.zeros(strata)
    for block in range(len(ones)):
        s, zeros = stratum[block], begin[block + 1] - begin[block] - ones[block]
        area[s] += ones[block] * (total[s, 0] + zeros / 2)
        total[s, 0] += zeros
        total[s, 1] += ones[block]
    added, passed = np.zeros(len(y)), np.zeros((strata, 2))
    for s in range(strata):
        pairs = total[s, 0] * total[s, 1]
        area[s] = area[s] / pairs if pairs > 0 else np.nan
    for block in range(len(ones)):
        s, zeros = stratum[block], begin[block + 1] - begin[block] - ones[block]
        if not np.isnan(area[s]):
            of_one = (passed[s, 0] + zeros / 2) / total[s, 0]
            of_zero = (total[s, 1] - passed[s, 1] - ones[block] / 2) / total[s, 1]
            for row in range(begin[block], begin[block + 1]):
                added[row] = (of_one - area[s]) / total[s, 1] if y[row] else (of_zero - area[s]) / total[s, 0]
            passed[s, 0] += zeros
            passed[s, 1] += ones[block]
    return area, added


def _running(number: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(number)])
