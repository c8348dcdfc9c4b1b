"""Exact Shapley values of a forest, summed over groups of features.

What a tree is expected to say when only some features are known (the others
follow the training rows at each decision) is a game whose players are the
features; LightGBM's `pred_contrib` gives the same values. Leaf by leaf it is a
product, so with every feature known with probability t it is

    F(t, ..., t) = sum over leaves of value * product over features f of the path of q_f(t),
    q_f(t) = t [the row passes all that the path asks of f] + (1 - t) [share of training rows that do]

and the Shapley value of f is the integral from 0 to 1 of dF/dt's part in f (Owen
1972, "Multilinear extensions of games", Management Science 18, theorem 5): a
polynomial, so that a few Gauss-Legendre points give it exactly. The game is that
of Lundberg et al. (2020), "From local explanations to global understanding with
explainable AI for trees", Nature Machine Intelligence 2, algorithm 1.

A tree's part depends on the row through its decisions alone, so it is worked
out once for each pattern of decisions (the idea of Nadel and Wettenstein, 2025,
"From decision trees to Boolean logic", arXiv:2511.09376).
"""

from collections.abc import Callable

import numba
import numpy as np

from features.fixed import Floats, Ints
from features.model.decisions import Part, batch_by_batch, goes_left, mark, narrowed
from features.model.forest import Forest

ROWS = 1 << 15
"""Rows of a batch: so many that nearly all of them find their pattern worked out, within some ten megabytes."""

_BITS = 64
_SLOTS = 1 << 11
_SPREAD, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(64 - 11)  # Knuth's multiplicative hash


def shapley_sums(forest: Forest, column: Callable[[int], Floats], groups: Ints, rows: int, threads: int = 0) -> Floats:
    """Shapley values of each row, summed over the features of each group.

    Args:
        forest: the trees.
        column: gives a feature's values, shape (n,), by its number in the forest.
        groups: group of each feature, from 0 on.
        rows: n.
        threads: batches at a time; 0 for one on each core.

    Returns:
        Shape (n, groups); each row sums to its raw score less the forest's mean.
    """
    sums = np.zeros((rows, int(groups.max(initial=-1)) + 1))
    used, forest = narrowed(forest)
    group, rule = groups[used], gauss_legendre(forest)

    def explain(values: Floats, rows: slice) -> None:
        _explain(forest, values, group, rule, sums[rows])

    batch_by_batch(explain, [column(int(number)) for number in used], (rows, ROWS), threads)
    return sums


def gauss_legendre(forest: Forest) -> Floats:
    """Points in (0, 1) and their weights, shape (2, m): exact for products as long as the forest's longest path."""
    depth = np.ones(len(forest.feature), dtype=np.int64)
    for begin, end in zip(forest.first[:-1], forest.first[1:], strict=True):
        for k in range(begin + 1, end):
            depth[k] = depth[begin + forest.parent[k] // 2] + 1
    points, weights = np.polynomial.legendre.leggauss(max(int(depth.max(initial=1)) + 1, 2) // 2)
    return np.array([(points + 1) / 2, weights / 2])


@numba.njit(cache=True, nogil=True)
def _explain(forest: Forest, values: Floats, group: Ints, rule: Floats, sums: Floats) -> None:
    """Add the Shapley values of rows, whose features are `values` of shape (features, n), to `sums`, (n, groups)."""
    rows, groups = sums.shape
    largest = np.max(np.diff(forest.first))
    room = np.empty((3, 2 * largest, rule.shape[1]))
    memo, seen, filled = np.empty((_SLOTS, groups)), np.empty(_SLOTS, np.uint64), np.empty(_SLOTS, np.bool_)
    pattern = np.empty(rows, np.uint64)
    for tree in range(len(forest.first) - 1):
        part = forest.first[tree], forest.first[tree + 1]
        known = part[1] - part[0] <= _BITS  # a longer path fits no pattern: each row is worked out
        filled[:] = False
        pattern[:] = 0
        for k in range(part[0], min(part[1], part[0] + _BITS)):
            mark(forest, k, values, np.uint64(1) << np.uint64(k - part[0]), pattern)
        for row in range(rows):
            slot = np.int64(pattern[row] * _SPREAD >> _SHIFT)
            if not (known and filled[slot] and seen[slot] == pattern[row]):
                _down(forest, part, values[:, row], rule, room)
                _up(forest, part, group, room, memo[slot])
                filled[slot], seen[slot] = True, pattern[row]
            for k in range(groups):
                sums[row, k] += memo[slot, k]


@numba.njit(cache=True, nogil=True)
def _down(forest: Forest, tree: Part, row: Floats, rule: Floats, room: Floats) -> None:
    """For each edge: `product` of the path's q, times the weight; `slope` of log q of its own feature; `passes`.

    An edge about a feature that the path has asked about before takes the place
    of the earlier one: `passes`, and the share, are of all the path asks of it.
    """
    begin, end = tree
    product, slope, passes = room
    points, weights = rule
    for k in range(begin, end):
        up, earlier = forest.parent[k], forest.earlier[k]
        left = goes_left(row[forest.feature[k]], forest.threshold[k], forest.nan_left[k])
        for side in range(2):
            edge, share = 2 * (k - begin) + side, forest.share[k, side]
            passed = 1.0 if left == (side == 0) else 0.0
            if earlier >= 0:
                passed *= passes[earlier, 0]
            passes[edge, 0] = passed
            for i in range(len(points)):
                q = points[i] * passed + (1 - points[i]) * share
                slope[edge, i] = (passed - share) / q
                product[edge, i] = q * (weights[i] if up < 0 else product[up, i])
                if earlier >= 0:
                    before = forest.share[begin + earlier // 2, earlier % 2]
                    product[edge, i] /= points[i] * passes[earlier, 0] + (1 - points[i]) * before


@numba.njit(cache=True, nogil=True)
def _up(forest: Forest, tree: Part, group: Ints, room: Floats, sums: Floats) -> None:
    """Make `product` the sum over the leaves below an edge, and from it the Shapley values of each group.

    Below an edge, its feature counts with this edge's slope, and no longer with
    that of the earlier edge about it.
    """
    begin, end = tree
    product, slope, _ = room
    sums[:] = 0
    for k in range(end - 1, begin - 1, -1):
        earlier = forest.earlier[k]
        for side in range(2):
            edge, child = 2 * (k - begin) + side, forest.child[k, side]
            for i in range(room.shape[2]):
                if child < 0:
                    product[edge, i] *= forest.value[k, side]
                else:
                    product[edge, i] = product[2 * child, i] + product[2 * child + 1, i]
                change = slope[edge, i] - (slope[earlier, i] if earlier >= 0 else 0.0)
                sums[group[forest.feature[k]]] += product[edge, i] * change
