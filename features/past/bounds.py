"""Rows of the history that a window holds, found by walking each customer's days and cut-offs side by side."""

import numba
import numpy as np

from features.fixed import Floats, Ints

NOTHING = np.iinfo(np.int64).min
"""Below every value: the largest of none."""


@numba.njit(cache=True, nogil=True, error_model="numpy")  # which spares a look for zero at each division
def sums_between(totals: Ints, bounds: tuple[Ints, Ints], unit: float, sums: Floats) -> None:
    """Sum between two places of running totals, over a unit.

    Args:
        totals: running totals, with a leading zero.
        bounds: first place of each sum, and the first one past it, each of shape (n,).
        unit: what counts as one.
        sums: to be filled, shape (n,).
    """
    first, last = bounds
    for k in range(len(sums)):
        sums[k] = (totals[last[k]] - totals[first[k]]) / unit


@numba.njit(cache=True, nogil=True)
def largest_between(columns: tuple[Ints, Ints], first: Ints, last: Ints, largest: Ints) -> None:
    """Largest value over the rows of each range that count, or `NOTHING`.

    A range that begins at or after the one before it, and ends so too, goes
    on from there as long as the row of the largest value lies in it.

    Args:
        columns: whether each row counts, and its value.
        first: first row of each range, shape (n,).
        last: first row past it, shape (n,).
        largest: to be filled, shape (n,).
    """
    counts, values = columns
    top, top_row, row = NOTHING, -1, 0
    for k in range(len(largest)):
        if k == 0 or first[k] < first[k - 1] or last[k] < row or top_row < first[k]:
            top, top_row, row = NOTHING, first[k], first[k]
        while row < last[k]:
            if counts[row] and values[row] >= top:
                top, top_row = values[row], row
            row += 1
        largest[k] = top
