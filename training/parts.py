"""The parts of the log that training learns from: whole customers, those of one before those of the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from features.history import Codes, History
from features.orders.log import OrderLog
from features.orders.ranking import ranked
from features.partitions.merge import merged
from features.partitions.share import InFiles
from features.tables.joined import Table
from training.sampling import drawn

Few = TypeVar("Few")
"""What a part gives of a few customers; that of all parts makes one history."""


@dataclass(frozen=True)
class Some:
    """Some customers of a part.

    Attributes:
        history: theirs, perhaps with that of others.
        drawn: which of its customers are meant, by their codes; None for all.
        places: of all customers of the history among those of the part.
    """

    history: History
    drawn: Codes | None
    places: Codes


class Parts(Protocol[Few]):
    """Parts of a log by number; what a worker needs to know of them is small."""

    def __len__(self) -> int:
        """How many there are."""

    @property
    def has(self) -> frozenset[str]:
        """Optional order columns that hold something."""

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables beside the orders."""

    def order_days(self, number: int) -> History:
        """The history of a part, with as many measures as tell order-days and money, or more."""

    def some(self, number: int, share: float) -> Some | None:
        """Those of its customers who are in a share of all; None if there is nobody."""

    def few(self, number: int, share: float) -> Few:
        """The same, to be brought together with those of the other parts."""

    def together(self, few: Sequence[Few]) -> History:
        """The history of what all parts gave."""


@dataclass(frozen=True)
class Held:
    """A log in memory: one part."""

    history: History

    def __len__(self) -> int:
        return 1

    @property
    def has(self) -> frozenset[str]:
        """See `Parts`."""
        return self.history.has

    @property
    def tables(self) -> frozenset[str]:
        """See `Parts`."""
        return frozenset(self.history.tables)

    def order_days(self, number: int) -> History:
        """See `Parts`."""
        return self.history

    def some(self, number: int, share: float) -> Some:
        """See `Parts`."""
        customers = self.history.customers
        return Some(self.history, drawn(customers, share), np.arange(len(customers)))

    def few(self, number: int, share: float) -> History:
        """See `Parts`."""
        customers = drawn(self.history.customers, share)
        return self.history if customers is None else self.history.only(customers)

    def together(self, few: Sequence[History]) -> History:
        """See `Parts`."""
        return few[0]


@dataclass(frozen=True)
class Filed:
    """A log in files.

    Attributes:
        share: the partitions, and what only the whole log tells.
        beside: the tables beside the orders.
    """

    share: InFiles
    beside: Mapping[str, Table] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.share)

    @property
    def has(self) -> frozenset[str]:
        """See `Parts`."""
        return frozenset(self.share.since)

    @property
    def tables(self) -> frozenset[str]:
        """See `Parts`."""
        return frozenset(self.beside)

    def order_days(self, number: int) -> History:
        """See `Parts`."""
        return self.share.order_days(number)

    def some(self, number: int, share: float) -> Some | None:
        """See `Parts`."""
        places, log = _lines_of(self.share.runs.part(number), share)
        return Some(self._history(log), None, places) if len(log) else None

    def few(self, number: int, share: float) -> OrderLog:
        """See `Parts`."""
        return _lines_of(self.share.runs.part(number), share)[1]

    def together(self, few: Sequence[OrderLog]) -> History:
        """See `Parts`."""
        return self._history(merged(few))

    def _history(self, log: OrderLog) -> History:
        return self.share.history_of(log).joined(self.beside)


def _lines_of(log: OrderLog, share: float) -> tuple[Codes, OrderLog]:
    """Places of a share of the customers of a log, and their lines."""
    ids = log.text["customer_id"]
    names, place = ranked(ids.words)
    chosen = drawn(names.to_pylist(), share)
    if chosen is None:
        return np.arange(len(names)), log
    inside = np.zeros(len(names), dtype=bool)
    inside[chosen] = True
    return chosen, log.rows(inside[place][ids.codes])
