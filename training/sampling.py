"""Some customers in place of all, where all would make far more snapshots than anything is learnt from."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from features.history import Codes, History
from features.past import Snapshots

MOST_ROWS = 500_000
"""Snapshots to calibrate on, and to judge on, at most: a mean over so many is off by 1/700 of the spread."""


def some_of(history: History, cutoffs: Sequence[int], rows: int = MOST_ROWS) -> Snapshots:
    """All snapshots at the cut-offs; of many customers those of some, about so many."""
    everybody, customers = Snapshots.of(history, cutoffs), drawn(history, cutoffs, rows)
    return everybody if customers is None else everybody.only(customers)


def drawn(history: History, cutoffs: Sequence[int], rows: int) -> Codes | None:
    """Customers who make about so many snapshots at the cut-offs; None where all of them make no more.

    They are drawn by their ids alone: so a customer is there at every cut-off
    or at none, and one more or less in the log changes nothing for the others.
    """
    known = sum(len(history.known(cutoff)) for cutoff in cutoffs)
    if known <= rows:
        return None
    share = np.array([crc32(str(name).encode()) for name in history.customers]) / 2**32
    return np.flatnonzero(share < rows / known)
