"""What the trees of a forest decide of rows, batch by batch."""

from collections.abc import Callable, Sequence

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import Floats, Ints
from features.model.forest import Forest
from features.past.batches import in_order

BITS = 64
"""Decisions that a pattern holds."""

Part = tuple[int, int]
"""Where a tree begins and ends in a forest."""


def narrowed(forest: Forest) -> tuple[Ints, Forest]:
    """The features that decide anything, by number, and the forest that counts these alone."""
    used, feature = np.unique(forest.feature, return_inverse=True)
    return used, forest._replace(feature=feature)


def batch_by_batch(
    work: Callable[[Floats, slice], None], columns: Sequence[Floats], size: tuple[int, int], threads: int
) -> None:
    """Call with the values of some rows, shape (columns, rows of a batch), and where these rows are.

    Args:
        work: what is called; nothing is, where there are no columns.
        columns: one array of shape (n,) a feature.
        size: n, and the rows of a batch.
        threads: batches at a time; 0 for one on each core.
    """

    def batch(begin: int) -> None:
        rows = slice(begin, begin + size[1])
        work(np.array([column[rows] for column in columns], dtype=np.float64), rows)

    if columns:
        for _ in in_order(batch, range(0, size[0], size[1]), threads):
            pass


@numba.njit(cache=True, nogil=True)
def decide(forest: Forest, tree: Part, values: Floats, pattern: npt.NDArray[np.uint64]) -> None:
    """The first decisions of a tree as bits, 1 for right, for each row of `values`, shape (features, n)."""
    begin, end = tree
    pattern[:] = 0
    for k in range(begin, min(end, begin + BITS)):
        column, threshold, bit = values[forest.feature[k]], forest.threshold[k], np.uint64(1) << np.uint64(k - begin)
        if forest.nan_left[k]:  # two loops without a branch inside: the processor takes several rows at once
            for row in range(len(column)):
                pattern[row] |= bit if column[row] > threshold else np.uint64(0)
        else:
            for row in range(len(column)):
                pattern[row] |= np.uint64(0) if column[row] <= threshold else bit


@numba.njit(cache=True, nogil=True)
def goes_left(value: float, threshold: float, nan_left: bool) -> bool:
    """Whether a value goes left."""
    return bool((value <= threshold) | (nan_left & np.isnan(value)))
