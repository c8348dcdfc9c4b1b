"""Order lines summed up by row, compiled; a row is one customer's lines of one day.

Each row's lines stand one after another; `first` is the place at which each
row begins, shape (rows + 1,). A row may have none.
"""

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import UNIT, Floats, Ints
from features.history.dealing import Places


@numba.njit(cache=True, nogil=True)
def first_held(moment: Ints, held: npt.NDArray[np.bool_]) -> int:
    """The earliest moment of the lines that hold something; there is one at least."""
    earliest = np.iinfo(np.int64).max
    for line in range(len(moment)):
        if held[line]:
            earliest = min(earliest, moment[line])
    return int(earliest)


@numba.njit(cache=True, nogil=True)
def sum_numbers(values: Floats, first: Ints) -> Ints:
    """Sum of each row in millionths, shape (rows,); what is missing counts as nothing."""
    sums = np.zeros(len(first) - 1, dtype=np.int64)
    for row in range(len(sums)):
        for line in range(first[row], first[row + 1]):
            if not np.isnan(values[line]):
                sums[row] += int(np.rint(values[line] * UNIT))
    return sums


@numba.njit(cache=True, nogil=True)
def count_where(mask: npt.NDArray[np.bool_], first: Ints) -> Ints:
    """Lines of each row where the mask is true, shape (rows,)."""
    counts = np.zeros(len(first) - 1, dtype=np.int64)
    for row in range(len(counts)):
        for line in range(first[row], first[row + 1]):
            counts[row] += mask[line]
    return counts


@numba.njit(cache=True, nogil=True)
def count_if_one(order_id: Places, first: Ints) -> tuple[Ints, Ints]:
    """One order in each row whose lines have the same code; none in the others, shape (rows,).

    Returns:
        The orders, and the rows that have lines of different codes, or without one, ascending.
    """
    orders, several, number = np.zeros(len(first) - 1, dtype=np.int64), np.empty(len(first) - 1, dtype=np.int64), 0
    for row in range(len(orders)):
        begin, end = first[row], first[row + 1]
        orders[row] = begin < end and order_id[begin] >= 0
        for line in range(begin, end):
            orders[row] &= order_id[line] == order_id[begin]
        several[number] = row
        number += begin < end and not orders[row]
    return orders, several[:number].copy()


@numba.njit(cache=True, nogil=True)
def lines_of(rows: Ints, first: Ints) -> tuple[Places, Ints]:
    """Places of the lines of some rows, one row after the other, and where each row begins among them."""
    starts = np.zeros(len(rows) + 1, dtype=np.int64)
    for k in range(len(rows)):
        starts[k + 1] = starts[k] + first[rows[k] + 1] - first[rows[k]]
    lines = np.empty(starts[-1], dtype=np.int32)
    for k in range(len(rows)):
        for i in range(starts[k], starts[k + 1]):
            lines[i] = first[rows[k]] + i - starts[k]
    return lines, starts


@numba.njit(cache=True, nogil=True)
def count_orders(order_id: Places, moment: Ints, first: Ints) -> Ints:
    """Different orders of each row, shape (rows,).

    An order id counts where its latest row is another one; without an id, a
    time counts where the line before it without one has another.

    Args:
        order_id: code of each line's order id, -1 without one.
        moment: time of each line, ascending within a row.
        first: as above.
    """
    orders = np.zeros(len(first) - 1, dtype=np.int64)
    latest = np.full(order_id.max() + 1 if len(order_id) else 0, -1, dtype=np.int32)
    for row in range(len(orders)):
        last_moment = np.iinfo(np.int64).min
        for line in range(first[row], first[row + 1]):
            code = order_id[line]
            if code >= 0:
                orders[row] += latest[code] != row
                latest[code] = row
            else:
                orders[row] += moment[line] != last_moment
                last_moment = moment[line]
    return orders
