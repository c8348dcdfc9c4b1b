"""What is kept of each customer and day, by name, and what follows from that.

A history of a million customers has some five million rows. So counts are kept
in half the room, and a measure that others tell exactly is not kept: it is
worked out where it is asked for, as a rule for the customers of one batch.
"""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from features.fixed import UNIT, Ints

LOG_UNIT = 1e12
"""Logarithms of gaps are whole numbers of this fraction, so that their sums are exact too."""

MONEY = frozenset({"gross", "returned", "units", "discount", "price", "relative_price"})
"""What is in millionths; all else counts lines, orders or days, and int32 has room for that."""


def kind_of(name: str) -> type[np.integer]:
    """The type in which a measure is kept."""
    return np.int64 if name in MONEY else np.int32


def _log(gap: Ints) -> Ints:
    """Of every number of days once."""
    days = np.maximum(np.arange(gap.max(initial=0) + 1), 1)
    return np.rint(np.log(days) * LOG_UNIT).astype(np.int64)[gap]


FOLLOWS: dict[str, tuple[tuple[str, ...], Callable[..., Ints]]] = {
    "net": (("gross", "returned"), np.subtract),
    "order_day_units": (("order_day",), lambda order_day: order_day * UNIT),
    "basket": (("order_day", "lines"), np.multiply),
    "value": (("order_day", "gross"), np.multiply),
    "gap_squared": (("gap",), np.square),
    "log_gap": (("gap",), _log),
}
"""Measures that follow from others: from which, and how."""


class Measures(Mapping[str, Ints]):
    """Measures of rows by name, each of shape (rows,) and int64; money and units in millionths.

    Args:
        kept: all that do not follow from others, of the type of `kind_of` or int64.
    """

    def __init__(self, kept: dict[str, np.ndarray]) -> None:
        self._kept = kept
        self._asked: dict[str, Ints] = {}

    def __getitem__(self, name: str) -> Ints:
        """A measure, made once."""
        if name not in self._asked:
            self._asked[name] = self._made(name)
        return self._asked[name]

    def __contains__(self, name: object) -> bool:
        """Whether it is kept, or follows from what is."""
        others = FOLLOWS[name][0] if name in FOLLOWS else ()
        return name in self._kept or (bool(others) and all(other in self for other in others))

    def __iter__(self) -> Iterator[str]:
        """The names of what is kept."""
        return iter(self._kept)

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def at(self, rows: Ints | slice) -> "Measures":
        """The measures of some of the rows."""
        return Measures({name: column[rows] for name, column in self._kept.items()})

    def _made(self, name: str) -> Ints:
        if name in self._kept:
            return self._kept[name].astype(np.int64, copy=False)
        others, make = FOLLOWS[name]
        return make(*(self._made(other) for other in others))
