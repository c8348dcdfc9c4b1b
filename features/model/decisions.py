"""What the trees of a forest decide of rows, batch by batch."""

from collections.abc import Callable, Sequence

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import Floats, Ints
from features.model.forest import Forest
from features.threads import in_order

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
def mark(forest: Forest, k: int, values: Floats, bits: np.uint64, marks: npt.NDArray[np.uint64]) -> None:
    """Set these bits of each row's marks where decision k sends the row right; `values` are of shape (features, n)."""
    column, threshold = values[forest.feature[k]], forest.threshold[k]
    if forest.nan_left[k]:  # two loops without a branch inside: the processor takes several rows at once
        for row in range(len(column)):
            marks[row] |= bits if column[row] > threshold else np.uint64(0)
    else:
        for row in range(len(column)):
            marks[row] |= np.uint64(0) if column[row] <= threshold else bits


@numba.njit(cache=True, nogil=True)
def goes_left(value: float, threshold: float, nan_left: bool) -> bool:
    """Whether a value goes left."""
    return bool((value <= threshold) | (nan_left & np.isnan(value)))
