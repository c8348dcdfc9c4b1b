"""A table of values by customer, joined to the customers of a history and asked at snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.fixed import Floats, Ints
from features.tables.stream import Stream


@dataclass(frozen=True)
class Table:
    """Streams of one table.

    Attributes:
        customers: ids of its customers; their codes are the positions.
        streams: by kind for events (all together under ""), by attribute for a profile.
    """

    customers: pa.LargeStringArray
    streams: Mapping[str, Stream]

    def joined(self, customers: np.ndarray) -> "Joined":
        """This table for the customers of a history, by their ids."""
        ids = pa.array(customers, pa.large_string())
        found = pc.index_in(ids, self.customers).fill_null(len(self.customers))
        return Joined(self.streams, found.to_numpy(zero_copy_only=False).astype(np.int64))


@dataclass(frozen=True)
class Joined:
    """A table whose customers are those of a history.

    Attributes:
        streams: as in `Table`.
        place: code in the table of each customer of the history, shape
            (customers,); one past the last for who is not in the table.
    """

    streams: Mapping[str, Stream]
    place: Ints

    def part(self, begin: int, end: int) -> "Joined":
        """The same for the customers of the codes `begin` to `end - 1`, which count from 0 there."""
        return Joined(self.streams, self.place[begin:end])

    def at(self, customer: Ints, cutoff: Ints) -> "View":
        """What was known at snapshots: customer codes of the history and cut-offs, both of shape (n,)."""
        return View(self.streams, self.place[customer], cutoff)


class View:
    """What was known of a table at each snapshot; all answers are arrays of shape (n,).

    Windows are in days, `[cutoff - days, cutoff)`; None is the whole past.
    """

    def __init__(self, streams: Mapping[str, Stream], place: Ints, cutoff: Ints) -> None:
        self._streams, self._place, self._cutoff = streams, place, cutoff
        self._bounds: dict[tuple[str, int | None], Ints] = {}

    def count(self, name: str, days: int | None = None) -> Floats:
        """Events in the window."""
        return self._streams[name].count(self._row(name, days), self._row(name, 0), self._cutoff)

    def total(self, name: str, days: int | None = None) -> Floats:
        """Sum of the values in the window; 0 where there is none."""
        return self._streams[name].total(self._row(name, days), self._row(name, 0), self._cutoff)

    def mean(self, name: str, days: int | None = None) -> Floats:
        """Mean of the values in the window; NaN where there is none."""
        valued = self._streams[name].count(self._row(name, days), self._row(name, 0), self._cutoff, valued=True)
        mean: Floats = np.divide(self.total(name, days), valued, out=np.full(len(valued), np.nan), where=valued > 0)
        return mean

    def last(self, name: str) -> Floats:
        """The last value; NaN where there is none."""
        rows = self._last(name, valued=True)
        return _taken(self._streams[name].value, rows)

    def recency(self, name: str) -> Floats:
        """Days from the last event to the cut-off; NaN where there is none."""
        rows = self._last(name, valued=False)
        return self._cutoff - _taken(self._streams[name].day, rows)

    def _last(self, name: str, valued: bool) -> Ints:
        return self._streams[name].last(self._row(name, 0), self._place, self._cutoff, valued)

    def _row(self, name: str, days: int | None) -> Ints:
        """Row of each snapshot's customer at which the last `days` days begin; 0 is the end."""
        if (name, days) not in self._bounds:
            stream = self._streams[name]
            self._bounds[name, days] = (
                stream.starts[self._place] if days is None else stream.rows(self._place, self._cutoff - days)
            )
        return self._bounds[name, days]


def _taken(values: np.ndarray, rows: Ints) -> Floats:
    """Value of each row; NaN where the row is -1, for none."""
    found = np.full(len(rows), np.nan)
    found[rows >= 0] = values[rows[rows >= 0]]
    return found
