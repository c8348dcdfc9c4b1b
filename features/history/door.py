"""The door to the past: which rows of each customer lie before a day."""

import numba

from features.clock import Days
from features.fixed import Ints


@numba.njit(cache=True, nogil=True)
def rows_before(starts: Ints, day: Days, customer: Ints, until: Ints, rows: Ints) -> None:
    """First row of each customer that is not before a day.

    Args:
        starts: row at which each customer's rows begin, shape (customers + 1,).
        day: day number of each row.
        customer: customer codes, shape (n,).
        until: day numbers, shape (n,); as long as they ascend within a
            customer, each of its rows is looked at once.
        rows: the rows found, shape (n,); to be filled.
    """
    row, walked, reached = 0, -1, 0
    for k in range(len(customer)):
        if customer[k] != walked or until[k] < reached:
            walked = customer[k]
            row = starts[walked]
        reached, stop = until[k], starts[walked + 1]
        while row < stop and day[row] < reached:
            row += 1
        rows[k] = row
