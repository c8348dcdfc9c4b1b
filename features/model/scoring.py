"""The raw scores of a forest.

A tree's score depends on the row through its decisions alone. So the score is
looked up by the pattern of the decisions, which are taken for many rows at once:
no jump of the program depends on a row (the idea of Lucchese et al. 2015,
"QuickScorer: a fast algorithm to rank documents with additive ensembles of
regression trees", SIGIR). Trees are added up in their order, as LightGBM does:
the sums are its own, bit by bit.
"""

from collections.abc import Callable

import numba
import numpy as np

from features.fixed import Floats, Ints
from features.model.decisions import batch_by_batch, decide, goes_left, narrowed
from features.model.forest import SMALL, Forest

ROWS = 1 << 11
"""Rows of a batch: so few that a column of it and the patterns stay in a core's nearest cache."""


def raw_scores(forest: Forest, column: Callable[[int], Floats], scores: Floats, threads: int = 0) -> None:
    """Add to each row's score what the trees say of it.

    Args:
        forest: the trees.
        column: gives a feature's values, shape (n,), by its number in the forest.
        scores: shape (n,); changed in place.
        threads: batches at a time; 0 for one on each core.
    """
    used, forest = narrowed(forest)
    begins, table = _tables(forest)

    def score(values: Floats, rows: slice) -> None:
        _score(forest, (begins, table), values, scores[rows])

    batch_by_batch(score, [column(int(number)) for number in used], (len(scores), ROWS), threads)


@numba.njit(cache=True, nogil=True)
def _tables(forest: Forest) -> tuple[Ints, Floats]:
    """The score of each pattern of each small tree, one tree after the other, and where each begins."""
    trees = len(forest.first) - 1
    begins = np.zeros(trees + 1, np.int64)
    for tree in range(trees):
        size = forest.first[tree + 1] - forest.first[tree]
        begins[tree + 1] = begins[tree] + (1 << size if size <= SMALL else 0)
    table = np.empty(begins[trees])
    for tree in range(trees):
        for pattern in range(begins[tree + 1] - begins[tree]):
            decision, end = 0, -1
            while decision >= 0:
                end = 2 * (forest.first[tree] + decision) + (pattern >> decision & 1)
                decision = forest.child[end // 2, end % 2]
            table[begins[tree] + pattern] = forest.value[end // 2, end % 2]
    return begins, table


@numba.njit(cache=True, nogil=True)
def _score(forest: Forest, tables: tuple[Ints, Floats], values: Floats, scores: Floats) -> None:
    """Add what the trees say of rows, whose features are `values` of shape (features, n)."""
    begins, table = tables
    pattern = np.empty(len(scores), np.uint64)
    for tree in range(len(forest.first) - 1):
        part = forest.first[tree], forest.first[tree + 1]
        if part[1] - part[0] <= SMALL:
            of_tree = table[begins[tree] : begins[tree + 1]]
            decide(forest, part, values, pattern)
            for row in range(len(scores)):
                scores[row] += of_tree[pattern[row]]
        else:
            for row in range(len(scores)):
                scores[row] += _walked(forest, part[0], values[:, row])


@numba.njit(cache=True, nogil=True)
def _walked(forest: Forest, begin: int, row: Floats) -> float:
    """What a single tree says of one row, decision by decision."""
    decision, value = 0, 0.0
    while decision >= 0:
        k = begin + decision
        side = 0 if goes_left(row[forest.feature[k]], forest.threshold[k], forest.nan_left[k]) else 1
        decision, value = forest.child[k, side], forest.value[k, side]
    return value
