"""The raw scores of a forest.

A row's leaf is found without a jump that depends on the row: every decision that
goes right rules out the leaves on its left, and of those that remain the first is
the row's (Lucchese et al. 2015, "QuickScorer: a fast algorithm to rank documents
with additive ensembles of regression trees", SIGIR). A decision is taken for many
rows at once. Trees are added up in their order, as LightGBM does: the sums are its
own, bit by bit.
"""

from collections.abc import Callable

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import Floats
from features.model.decisions import batch_by_batch, goes_left, mark, narrowed
from features.model.forest import LARGE, Forest

ROWS = 1 << 11
"""Rows of a batch: so few that a column of it and the marks stay in a core's nearest cache."""

_DE_BRUIJN = 0x03F79D71B4CB0A89
_PLACE = np.empty(64, np.int64)
_PLACE[[(_DE_BRUIJN << k) % 2**64 >> 58 for k in range(64)]] = np.arange(64)
"""Of a power of two, its exponent: at the first six bits of its product with the constant
(Leiserson, Prokop, Randall 1998, "Using de Bruijn sequences to index a 1 in a computer word")."""


def raw_scores(forest: Forest, column: Callable[[int], Floats], scores: Floats, threads: int = 0) -> None:
    """Add to each row's score what the trees say of it.

    Args:
        forest: the trees.
        column: gives a feature's values, shape (n,), by its number in the forest.
        scores: shape (n,); changed in place.
        threads: batches at a time; 0 for one on each core.
    """
    used, forest = narrowed(forest)
    lefts, leaves = _leaves(forest)

    def score(values: Floats, rows: slice) -> None:
        _score(forest, lefts, leaves, values, scores[rows])

    batch_by_batch(score, [column(int(number)) for number in used], (len(scores), ROWS), threads)


@numba.njit(cache=True, nogil=True)
def _leaves(forest: Forest) -> tuple[npt.NDArray[np.uint64], Floats]:
    """For each decision of a tree of no more than `LARGE`, the leaves on its left as bits; and the leaves' values.

    Leaves are counted from the left; those of a tree begin where its decisions
    and one more for each tree before it end.
    """
    lefts, leaves = np.zeros(len(forest.feature), np.uint64), np.zeros(len(forest.feature) + len(forest.first))
    for tree in range(len(forest.first) - 1):
        begin, end = forest.first[tree], forest.first[tree + 1]
        waiting, number = [1, 0], 0
        while waiting and end - begin <= LARGE:
            edge = waiting.pop()
            below = forest.child[begin + edge // 2, edge % 2]
            if below >= 0:
                waiting.append(2 * below + 1)
                waiting.append(2 * below)
                continue
            leaves[begin + tree + number] = forest.value[begin + edge // 2, edge % 2]
            while edge >= 0:
                if edge % 2 == 0:
                    lefts[begin + edge // 2] |= np.uint64(1) << np.uint64(number)
                edge = forest.parent[begin + edge // 2]
            number += 1
    return lefts, leaves


@numba.njit(cache=True, nogil=True)
def _score(forest: Forest, lefts: npt.NDArray[np.uint64], leaves: Floats, values: Floats, scores: Floats) -> None:
    """Add what the trees say of rows, whose features are `values` of shape (features, n)."""
    ruled_out = np.empty(len(scores), np.uint64)
    for tree in range(len(forest.first) - 1):
        begin, end = forest.first[tree], forest.first[tree + 1]
        if end - begin <= LARGE:
            ruled_out[:] = 0
            for k in range(begin, end):
                mark(forest, k, values, lefts[k], ruled_out)
            for row in range(len(scores)):
                first = ~ruled_out[row] & (ruled_out[row] + np.uint64(1))
                scores[row] += leaves[begin + tree + _PLACE[first * np.uint64(_DE_BRUIJN) >> np.uint64(58)]]
        else:
            for row in range(len(scores)):
                scores[row] += _walked(forest, begin, values[:, row])


@numba.njit(cache=True, nogil=True)
def _walked(forest: Forest, begin: int, row: Floats) -> float:
    """What a single tree says of one row, decision by decision."""
    decision, value = 0, 0.0
    while decision >= 0:
        k = begin + decision
        side = 0 if goes_left(row[forest.feature[k]], forest.threshold[k], forest.nan_left[k]) else 1
        decision, value = forest.child[k, side], forest.value[k, side]
    return value
