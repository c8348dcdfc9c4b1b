"""The most a customer ever did in as many weeks as it is judged over.

The peak of the stage machine will not do: it begins anew with every recovery,
and a customer on trial has it from one order spread over a long window.
"""

import numpy as np

from features.clock import WEEK, Clock
from features.fixed import UNIT, Floats, Ints
from features.history import Codes, History
from features.past import Snapshots
from features.stages.spec import StageSpec
from training.validity.around import QUARTER

_MOST_STATES = 2_000_000


def highest_levels(history: History, spec: StageSpec, snapshots: Snapshots) -> Floats:
    """Highest level a week over any 13 weeks that end at a tick up to the snapshot's, shape (n,).

    Memory is bounded: customers are walked in parts.

    Raises:
        DataError: the orders lack the money that the spec's level is measured in.
    """
    if not len(snapshots):
        return np.empty(0)
    phase = Clock(spec.week_starts).phase
    highest = np.empty(len(snapshots))
    last = int(snapshots.cutoff.max())
    ticks_each = (last - int(history.first_order_day.min())) // WEEK + 1
    customers = np.unique(snapshots.customer)
    for part in np.array_split(customers, len(customers) * ticks_each // _MOST_STATES + 1):
        inside = slice(*np.searchsorted(snapshots.customer, [part[0], part[-1] + 1]))
        walked = _every_tick(history, part, last, phase)
        levels = _running_highest(_levels(history, spec, *walked), walked[0])
        keys, asked = _keys(*walked), _keys(snapshots.customer[inside], snapshots.cutoff[inside])
        highest[inside] = levels[np.searchsorted(keys, asked)]
    return highest


def _every_tick(history: History, customers: Codes, last: int, phase: int) -> tuple[Codes, Ints]:
    """Each customer at each tick from the first after its first order-day to the last one asked for."""
    first = history.first_order_day[customers]
    start = first - (first - phase) % WEEK + WEEK
    number = (last - start) // WEEK + 1
    customer = np.repeat(customers, number)
    within = np.arange(len(customer)) - np.repeat(np.cumsum(number) - number, number)
    return customer, np.repeat(start, number) + WEEK * within


def _levels(history: History, spec: StageSpec, customer: Codes, tick: Ints) -> Floats:
    """Measure a week over the 13 weeks before each tick."""
    totals = history.totals(spec.level_measure)
    made = totals[history.before(customer, tick)] - totals[history.before(customer, tick - QUARTER)]
    return np.asarray(made / float(UNIT) * WEEK / QUARTER)


def _running_highest(level: Floats, customer: Codes) -> Floats:
    """Largest value so far of each customer: ranks make the customers' ranges lie apart."""
    values, rank = np.unique(level, return_inverse=True)
    width = len(values)
    highest: Floats = values[np.maximum.accumulate(customer * width + rank) % width]
    return highest


def _keys(customer: Codes, tick: Ints) -> Ints:
    return (customer << 18) + tick
