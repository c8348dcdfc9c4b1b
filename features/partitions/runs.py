"""The runs of one log, and where each partition lies in each of them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Self

from features.orders.contract import OPTIONAL
from features.orders.log import OrderLog
from features.partitions.merge import merged
from features.partitions.run import Run

Ends = tuple[int, int]
"""Number of a run's customer with whom a slice begins, and of the one before whom it ends."""

Map = Callable[[Callable[[Run], list[int]], Sequence[Run]], Iterable[list[int]]]


@dataclass(frozen=True)
class Runs:
    """Partitions of whole customers, each a slice of every run; the customers of one come before those of the next.

    Attributes:
        runs: in the order of the input.
        bounds: customers with whom the partitions begin, but for the first.
        ends: of each partition, its slice of each run.
    """

    runs: tuple[Run, ...]
    bounds: tuple[str, ...]
    ends: tuple[tuple[Ends, ...], ...]

    @classmethod
    def cut(cls, runs: Sequence[Run], bounds: Sequence[str], look: Map = map) -> Self:
        """The partitions that begin at the bounds; `look` is the map that the runs are looked at by."""
        places = look(partial(Run.places, customers=tuple(bounds)), runs)
        slices = [pairwise([0, *found, len(run.customers)]) for run, found in zip(runs, places, strict=True)]
        return cls(tuple(runs), tuple(bounds), tuple(zip(*slices, strict=True)))

    def __len__(self) -> int:
        return len(self.ends)

    def part(self, number: int, columns: Collection[str] = OPTIONAL) -> OrderLog:
        """The lines of a partition, with these of the optional columns; runs that have none of them are not opened."""
        slices = zip(self.runs, self.ends[number], strict=True)
        return merged([run.between(ends, columns) for run, ends in slices if ends[0] < ends[1]])

    def parts(self, columns: Collection[str] = OPTIONAL) -> Iterator[OrderLog]:
        """The lines of each partition; none is held here once it is given out."""
        return map(partial(self.part, columns=columns), range(len(self)))
