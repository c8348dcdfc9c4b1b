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
def sum_numbers(values: Floats, first: Ints) -> Ints:
    """Sum of each row in millionths, shape (rows,); what is missing counts as nothing."""
    sums = np.zeros(len(first) - 1, dtype=np.int64)
    for row in range(len(sums)):
        for value in values[first[row] : first[row + 1]]:
            if not np.isnan(value):
                sums[row] += int(np.rint(value * UNIT))
    return sums


@numba.njit(cache=True, nogil=True)
def count_where(mask: npt.NDArray[np.bool_], first: Ints) -> Ints:
    """Lines of each row where the mask is true, shape (rows,)."""
    counts = np.zeros(len(first) - 1, dtype=np.int64)
    for row in range(len(counts)):
        for holds in mask[first[row] : first[row + 1]]:
            counts[row] += holds
    return counts


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
