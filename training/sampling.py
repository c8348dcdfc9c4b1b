"""Some customers in place of all, where all would make far more snapshots than anything is learnt from.

They are drawn by their ids alone: so a customer is there at every cut-off or at
none, one more or less in the log changes nothing for the others, and they are
the same in however many parts the log lies. What customers do has no say in it,
so rates and means of those drawn are those of all, but for chance.
"""

from collections.abc import Iterable, Sequence
from zlib import crc32

import numpy as np

from features.history import Codes, History
from features.past import Snapshots

MOST_ROWS = 500_000
"""Snapshots to calibrate on, and to judge on, at most: a mean over so many is off by 1/700 of the spread."""


def some_of(history: History, cutoffs: Sequence[int], share: float) -> Snapshots:
    """The snapshots of a share of the customers at the cut-offs."""
    everybody, customers = Snapshots.of(history, cutoffs), drawn(history.customers, share)
    return everybody if customers is None else everybody.only(customers)


def share_of(number: int, most: int) -> float:
    """Share of a number that is about so many at most."""
    return 1.0 if number <= most else most / number


def share_at(history: History, cutoffs: Sequence[int], rows: int = MOST_ROWS) -> float:
    """Share of the customers that make about so many snapshots at most."""
    return share_of(sum(len(history.known(cutoff)) for cutoff in cutoffs), rows)


def drawn(ids: Iterable[str], share: float) -> Codes | None:
    """Places of about such a share of the customers; None where all are meant."""
    if share >= 1:
        return None
    lot = np.array([crc32(str(name).encode()) for name in ids]) / 2**32
    return np.flatnonzero(lot < share)
