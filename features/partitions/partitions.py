"""Partitions of whole customers, in the order of their ids, from batches of order lines in any order."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.orders.contract import OPTIONAL
from features.orders.log import OrderLog
from features.partitions.merge import merged
from features.partitions.run import Run
from features.partitions.runs import Map, Runs


@dataclass(frozen=True)
class Sampled:
    """A run, and customers of evenly spaced lines of it."""

    run: Run
    customers: tuple[str, ...]

    @property
    def weighed(self) -> list[tuple[str, float]]:
        """The customers, each with the number of lines it stands for."""
        return [(customer, len(self.run) / len(self.customers)) for customer in self.customers]


class Partitions:
    """Order lines, kept in memory while they are few, else in files.

    Args:
        lines: how many lines are kept in memory, and how many a partition holds
            at most as far as whole customers and a sample of their ids allow.
        folder: where the files go; made by whoever owns it.
    """

    def __init__(self, lines: int, folder: Path) -> None:
        self._most, self._folder = lines, folder
        self._kept: list[OrderLog] = []
        self._runs: list[Sampled] = []
        self.lines = 0

    def add(self, log: OrderLog) -> None:
        """Take in a batch of lines."""
        if not len(log):
            return
        self._kept.append(log)
        self.lines += len(log)
        if self.lines > self._most:
            self._spill()

    def put(self, runs: Sequence[Sampled]) -> None:
        """Take in lines that are in files already; their runs follow those that were taken in before."""
        self._spill()
        self._runs += runs
        self.lines += sum(len(one.run) for one in runs)

    def put_down(self) -> list[Sampled]:
        """All lines in files."""
        self._spill()
        return self._runs

    def spread(self, parts: int) -> None:
        """Put all lines down for about so many partitions, or more."""
        self._spill()
        self._most = max(min(self._most, math.ceil(self.lines / parts)), 1)

    def parts(self, columns: Collection[str] = OPTIONAL) -> Iterator[OrderLog]:
        """The lines of each partition, with these of the optional columns.

        The customers of one all come before those of the next. No partition is
        held here once it is given out.
        """
        if self._runs:
            return self.runs().parts(columns)
        self._kept = [merged(self._kept)] if self._kept else []
        return (log.only(columns) for log in self._kept)

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self.bounds()) + 1 if self._runs else min(len(self._kept), 1)

    @property
    def in_memory(self) -> bool:
        """Whether nothing was put down, so that there is one partition at most."""
        return not self._runs

    def bounds(self) -> list[str]:
        """Customers with whom partitions begin, but for the first."""
        sample = [weighed for one in self._runs for weighed in one.weighed]
        return boundaries(sample, self._most) if sample else []

    def runs(self, look: Map = map) -> Runs:
        """The partitions in files; `look` is the map that files are looked at by."""
        return Runs.cut([one.run for one in self._runs], self.bounds(), look)

    def _spill(self) -> None:
        while self._kept:
            run = Run.of(self._kept.pop(0), self._folder / f"{len(self._runs)}.run")
            self._runs.append(Sampled(run, tuple(run.sample())))


def boundaries(sample: list[tuple[str, float]], lines: int) -> list[str]:
    """Customers at which partitions of so many lines, as equal as may be, begin; the first begins before all.

    Args:
        sample: customers, each with the number of lines it stands for.
        lines: the most lines a partition should hold.
    """
    customers, weights = zip(*sorted(sample), strict=True)
    before = np.cumsum(weights) - weights
    parts = math.ceil(float(np.sum(weights)) / lines)
    marks = np.arange(1, parts) * (float(np.sum(weights)) / parts)
    found = {customers[at] for at in np.searchsorted(before, marks).clip(max=len(before) - 1)}
    return sorted(found - {customers[0]})
