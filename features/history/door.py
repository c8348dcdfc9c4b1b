"""The door to the past: which rows of each customer lie before a day, and where more do."""

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


@numba.njit(cache=True, nogil=True)
def rows_come(starts: Ints, day: Days, snapshots: tuple[Ints, Ints, Ints], ago: int, steps: tuple[Ints, Ints]) -> int:
    """Where `rows_before` so many days ago finds another row than at the place before, and which.

    A customer's rows are fewer than its snapshots where these are many. So
    each row looks for its place, which it guesses as if the days were even.

    Args:
        starts: as above.
        day: as above.
        snapshots: customer codes and days, both sorted, each of shape (n,); and
            where each customer begins, with n last, shape (customers + 1,).
        ago: how many days before these.
        steps: to be filled: the places, with n last; and the row at each; each of shape (n + 1,).

    Returns:
        The number of steps; each customer's first snapshot is one.
    """
    customer, until, begins = snapshots
    place, row = steps
    step = 0
    for k in range(len(begins) - 1):
        first, last = begins[k], begins[k + 1] - 1
        walked = customer[first]
        a_day = (last - first) / max(until[last] - until[first], 1)
        place[step], row[step] = first, starts[walked]
        for coming in range(starts[walked], starts[walked + 1]):
            since = day[coming] + ago
            if until[last] <= since:
                break
            found = first
            if until[first] <= since:
                found += min(int((since - until[first]) * a_day), last - first - 1) + 1
                while until[found] <= since:
                    found += 1
                while until[found - 1] > since:
                    found -= 1
            step += found > place[step]
            place[step], row[step] = found, coming + 1
        step += 1
    place[step] = len(until)
    return step


@numba.njit(cache=True, nogil=True)
def rows_at(steps: tuple[Ints, Ints], at: Ints, rows: Ints) -> None:
    """The rows at some places, from the steps by which they come.

    Args:
        steps: as `rows_come` fills them.
        at: places, shape (n,); as long as they ascend, each step is looked at once.
        rows: the rows found, shape (n,); to be filled.
    """
    place, row = steps
    step = 0
    for k in range(len(at)):
        if at[k] < place[step]:
            step = 0
        step += place[step + 1] <= at[k]  # one step a place is the rule, and needs no branch
        while place[step + 1] <= at[k]:
            step += 1
        rows[k] = row[step]
