"""Lines of a log brought into the order of customers and time, in rows of a customer and day."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from features.fixed import Floats, Ints, running
from features.history.dealing import Places, gather
from features.history.sums import sum_numbers

Booleans = npt.NDArray[np.bool_]

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Sorted:
    """Some lines of a log by customer and time, in rows of a customer and day.

    Attributes:
        order: position of each line in the log, shape (lines,).
        first: place in `order` at which each row begins, shape (rows + 1,).
    """

    order: Places
    first: Ints

    def parted(self, mask: Booleans) -> tuple["Sorted", "Sorted"]:
        """The lines where a mask over the log is true, and the others."""
        inside = gather(mask, self.order)
        first = running(inside)[self.first]
        return Sorted(self.order[inside], first), Sorted(self.order[~inside], self.first - first)

    def rows(self, begin: int, end: int) -> "Sorted":
        """The lines of the rows `begin` to `end - 1`."""
        first = self.first[begin : end + 1]
        return Sorted(self.order[first[0] : first[-1]], first - first[0])

    def of(self, values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Values of these lines, row after row, from those of all lines of the log."""
        return gather(values, self.order)

    def sum(self, values: Floats) -> Ints:
        """Sum of each row in millionths, shape (rows,), of values of all lines of the log."""
        return sum_numbers(self.of(values), self.first)
