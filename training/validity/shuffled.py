"""Shuffled lives: the same orders of the same customers in random order, so that nothing grows or falls off.

A customer who is compared with itself at another time is compared at times
that the stage rules chose by its orders: it is called stable after a good
spell, and regression to the mean alone makes what follows look worse. How
much, the same rules show on lives without any course: each customer's gaps
between orders and the money of its orders are dealt anew, and what is left of
the effect is what the rules make of chance.
"""

from dataclasses import replace

import numpy as np

from features.fixed import Ints
from features.history import History
from features.history.measures import Measures
from training.validity.amounts import Amounts


def shuffled(history: History, end: int, generator: np.random.Generator) -> History:
    """Each customer's gaps and the money of its order-days in random order; the first and the last day stay.

    Returns that came on other days go with the order before them. Products and
    prices are left out.

    Args:
        history: all orders; those on or after `end` are not looked at.
        end: day number.
        generator: of the random order.
    """
    row = np.flatnonzero((history.columns["order_day"] > 0) & (history.day < end))
    customer, day = history.customer[row], history.day[row].astype(np.int64)
    first = np.append(True, customer[1:] != customer[:-1])
    gap = np.where(first, 0, np.diff(day, prepend=0))
    later = ~first
    gap[later] = gap[later][_dealt(customer[later], generator)]
    elapsed = np.cumsum(gap)
    new_day = (day[first] - elapsed[first])[np.cumsum(first) - 1] + elapsed
    order = _dealt(customer, generator)
    amounts = {name: _until_next(history, name, row, end)[order] for name in _MONEY if name in history.columns}
    return replace(
        history,
        starts=np.searchsorted(customer, np.arange(len(history.customers) + 1)),
        customer=customer,
        day=new_day.astype(np.int32),
        columns=Measures({"order_day": np.ones(len(gap), dtype=np.int64), "gap": gap} | amounts),
        items={},
    )


def pooled(parts: list[Amounts]) -> Amounts:
    """Amounts of several shuffles together."""
    customer, place = (np.concatenate([getattr(part, name) for part in parts]) for name in ("customer", "place"))
    top, bottom = (np.concatenate([getattr(part, name) for part in parts]) for name in ("top", "bottom"))
    return replace(parts[0], customer=customer, place=place, top=top, bottom=bottom)


_MONEY = ("net", "value", "gross")


def _dealt(customer: Ints, generator: np.random.Generator) -> Ints:
    """A permutation of the rows that leaves each row with its customer; `customer` ascends."""
    return np.lexsort((generator.random(len(customer)), customer))


def _until_next(history: History, name: str, row: Ints, end: int) -> Ints:
    """Sum of a measure from each order-day up to the next one, or to the end."""
    totals, customer = history.totals(name), history.customer[row]
    last = history.before(customer, np.full(len(row), end))
    following = np.minimum(np.append(row[1:], len(history.day)), last)
    sums: Ints = totals[following] - totals[row]
    return sums
