"""Passes over the rows of each window, for what no difference of two running totals can tell.

A pass is compiled and takes the day of every row, the measures it asks for
and the rows `[first, last)` of each window; it writes one number a window.
What it finds depends on these rows alone: neither on the cut-off nor on other
customers. It looks at order-days alone, and keeps to the order of the rows,
so that its floating-point sums are the same bits whatever else is computed.
"""

import math
from collections.abc import Callable

import numba
import numpy as np

from features.clock import Days
from features.fixed import Floats, Ints

Pass = Callable[[Days, tuple[Ints, ...], Ints, Ints, Floats], None]
"""From days, measures (the first is `order_day`) and windows to what is found, shape (windows,)."""

_WEEKDAYS = 7
_LEAST = np.iinfo(np.int64).min


@numba.njit(cache=True, nogil=True)
def _same(first: Ints, last: Ints, k: int) -> bool:
    """Whether a window holds what the one before it held; features that read the cut-off ask for each of them."""
    return k > 0 and bool(first[k] == first[k - 1]) and bool(last[k] == last[k - 1])


@numba.njit(cache=True, nogil=True)
def spread(_day: Days, measures: tuple[Ints, ...], first: Ints, last: Ints, found: Floats) -> None:
    """Population standard deviation of the second measure over order-days; NaN below two of them."""
    order_day, value = measures
    for k in range(len(first)):
        number, total = 0, 0
        for row in range(first[k], last[k]):
            number += order_day[row]
            total += order_day[row] * value[row]
        mean, squares = total / max(number, 1), 0.0
        for row in range(first[k], last[k]):
            squares += order_day[row] * (value[row] - mean) ** 2
        found[k] = math.sqrt(squares / number) if number >= 2 else math.nan


@numba.njit(cache=True, nogil=True)
def slope(day: Days, measures: tuple[Ints, ...], first: Ints, last: Ints, found: Floats) -> None:
    """Least-squares slope of the second measure, a day; NaN below two order-days."""
    order_day, value = measures
    for k in range(len(first)):
        number, days, total = 0, 0, 0
        for row in range(first[k], last[k]):
            number += order_day[row]
            days += order_day[row] * (day[row] - day[first[k]])
            total += order_day[row] * value[row]
        middle, mean = days / max(number, 1), total / max(number, 1)
        above, below = 0.0, 0.0
        for row in range(first[k], last[k]):
            away = order_day[row] * (day[row] - day[first[k]] - middle)
            above += away * (value[row] - mean)
            below += away * away
        found[k] = above / below if number >= 2 else math.nan


@numba.njit(cache=True, nogil=True)
def slope_by_number(_day: Days, measures: tuple[Ints, ...], first: Ints, last: Ints, found: Floats) -> None:
    """Least-squares slope of the second measure from one order-day to the next, without the first; NaN below three."""
    order_day, value = measures
    for k in range(len(first)):
        number, total = -1, 0
        for row in range(first[k], last[k]):
            total += order_day[row] * value[row] if number >= 0 else 0
            number += order_day[row]
        mean, place = total / max(number, 1), -1
        above, below = 0.0, 0.0
        for row in range(first[k], last[k]):
            place += order_day[row]
            away = order_day[row] * (place - (number + 1) / 2) if place >= 1 else 0.0
            above += away * (value[row] - mean)
            below += away * away
        found[k] = above / below if number >= 2 else math.nan


@numba.njit(cache=True, nogil=True)
def most(_day: Days, measures: tuple[Ints, ...], first: Ints, last: Ints, found: Floats) -> None:
    """Largest value of the second measure on an order-day, as stored; NaN without order-days."""
    order_day, value = measures
    for k in range(len(first)):
        if _same(first, last, k):
            found[k] = found[k - 1]
            continue
        found[k] = math.nan
        for row in range(first[k], last[k]):
            if order_day[row] and not value[row] <= found[k]:  # nothing is below NaN
                found[k] = value[row]


@numba.njit(cache=True, nogil=True)
def day_of_most(day: Days, measures: tuple[Ints, ...], first: Ints, last: Ints, found: Floats) -> None:
    """Day number of the latest order-day on which the second measure was at its largest; NaN without order-days."""
    order_day, value = measures
    for k in range(len(first)):
        if _same(first, last, k):
            found[k] = found[k - 1]
            continue
        top = _LEAST
        found[k] = math.nan
        for row in range(first[k], last[k]):
            if order_day[row] and value[row] >= top:
                top = value[row]
                found[k] = day[row]


@numba.njit(cache=True, nogil=True)
def last_day_with(day: Days, measures: tuple[Ints, ...], first: Ints, last: Ints, found: Floats) -> None:
    """Day number of the last row, order-day or not, on which the measure is positive; NaN where there is none."""
    (value,) = measures
    for k in range(len(first)):
        if _same(first, last, k):
            found[k] = found[k - 1]
            continue
        row = last[k] - 1
        while row >= first[k] and value[row] <= 0:
            row -= 1
        found[k] = day[row] if row >= first[k] else math.nan


@numba.njit(cache=True, nogil=True)
def weekday_concentration(day: Days, measures: tuple[Ints, ...], first: Ints, last: Ints, found: Floats) -> None:
    """Sum over weekdays of (share of the order-days)^2; NaN without order-days."""
    (order_day,) = measures
    times = np.zeros(_WEEKDAYS, dtype=np.int64)
    for k in range(len(first)):
        times[:] = 0
        number, squares = 0, 0
        for row in range(first[k], last[k]):
            weekday = day[row] % _WEEKDAYS
            squares += order_day[row] * (2 * times[weekday] + 1)
            times[weekday] += order_day[row]
            number += order_day[row]
        found[k] = squares / (number * number) if number else math.nan


@numba.njit(cache=True, nogil=True)
def peaks(width: int, day: Days, measures: tuple[Ints, ...], window: tuple[Ints, Ints], found: Ints) -> None:
    """Largest sum of the second measure over so many days that end with an order-day of the window.

    A window that only goes on where the one before it ended is not walked again.
    """
    order_day, value = measures
    first, last = window
    row, tail, running, top = 0, 0, 0, _LEAST
    for k in range(len(first)):
        if k == 0 or first[k] != first[k - 1] or last[k] < row:
            row, tail, running, top = first[k], first[k], 0, _LEAST
        while row < last[k]:
            running += value[row]
            while day[tail] <= day[row] - width:
                running -= value[tail]
                tail += 1
            top = max(top, running) if order_day[row] else top
            row += 1
        found[k] = top
