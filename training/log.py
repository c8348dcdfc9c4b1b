"""The log that training learns from: what all of its customers tell together, and tables of some of them.

It lies in one part in memory, or in many in files, one of which is worked on
at a time; an engine says where. No number depends on how many parts there are.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from itertools import accumulate
from operator import add
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np

from features.clock import WEEK, Clock
from features.config import StageConfig
from features.engine import Engine, Local, apart
from features.errors import DataError
from features.fixed import Ints
from features.history import History
from features.stages.fit import fit_spec_from
from features.stages.spec import StageSpec
from features.stages.tallies import WaitTallies
from training.asked import Asked, Maker, Rows, brought_together
from training.money import Longer
from training.parts import Held, Parts
from training.sampling import share_of
from training.seen import Seen
from training.table import Table

Found = TypeVar("Found")


@dataclass(frozen=True)
class Log:
    """All order lines, in parts of whole customers.

    Attributes:
        parts: the customers of one come before those of the next.
        engine: where the parts are worked on.
        folder: where rows are put on their way, which all who work can reach; None where there is one part in memory.
    """

    parts: Parts[Any]
    engine: Engine = field(default_factory=Local)
    folder: Path | None = None

    @classmethod
    def of(cls, history: History) -> "Log":
        """A log in memory."""
        return cls(Held(history))

    @property
    def has(self) -> frozenset[str]:
        """Optional order columns that hold something."""
        return self.parts.has

    @property
    def tables(self) -> frozenset[str]:
        """Names of the tables beside the orders."""
        return self.parts.tables

    @property
    def customers(self) -> int:
        """How many there are, whether they are known or only returned something."""
        return sum(seen.customers for seen in self._seen)

    @property
    def first_day(self) -> int:
        """Day number of the first order line."""
        return int(self._days[0])

    def last_day(self, before: int) -> int:
        """Day number of the last order line before a day; that of the first line where there is none."""
        return int(self._days[self._days < before].max(initial=self.first_day))

    def known(self, days: Iterable[int]) -> Ints:
        """How many customers have an order-day before each of some days."""
        return np.array([sum(seen.known(day) for seen in self._seen) for day in days], dtype=np.int64)

    def fit_spec(self, before: int, hold_days: int, constants: StageConfig, clock: Clock) -> StageSpec:
        """Stage spec of the orders before a cut-off; see `features.stages.fit.fit_spec`."""
        waits = self._each(partial(_waits, self.parts, before, constants.follow_up_weeks * WEEK))
        return fit_spec_from(reduce(add, waits), hold_days, constants, clock)

    def table(self, asked: Asked) -> Table:
        """A training table."""
        return self._made(asked).table

    def longer(self, asked: Asked) -> Longer:
        """A training table and what came of its rows in the long window that is asked for."""
        rows = self._made(asked)
        assert rows.later is not None
        return Longer(rows.table, asked.days, rows.later)

    def few(self, most: int, day: int) -> History:
        """The history of all customers or, where more than so many are known at a day, of about so many."""
        share = share_of(int(self.known([day])[0]), most)
        return self.parts.together(list(self._each(partial(self.parts.few, share=share))))

    def _made(self, asked: Asked) -> Rows:
        firsts = list(accumulate((seen.customers for seen in self._seen), initial=0))
        with self._place() as place:
            make = Maker(self.parts, firsts, asked, place, threads=int(apart(self.engine)))
            found = [rows for rows in self._each(make) if rows is not None]
            if not found:
                raise DataError("no customer was drawn", got=f"a share of {asked.share:.2g}", remedy="draw more")
            return brought_together(found, self.has)

    def _each(self, function: Callable[[int], Found]) -> Iterator[Found]:
        return self.engine.map(function, range(len(self.parts)))

    @contextmanager
    def _place(self) -> Iterator[Path | None]:
        if self.folder is None:
            yield None
            return
        with TemporaryDirectory(dir=self.folder, prefix="rows-") as place:
            yield Path(place)

    @cached_property
    def _seen(self) -> list[Seen]:
        return list(self._each(partial(_look, self.parts)))

    @cached_property
    def _days(self) -> Ints:
        return np.unique(np.concatenate([seen.days for seen in self._seen]))


def _look(parts: Parts[Any], number: int) -> Seen:
    return Seen.of(parts.order_days(number))


def _waits(parts: Parts[Any], before: int, follow_up: int, number: int) -> WaitTallies:
    return WaitTallies.of(parts.order_days(number), before, follow_up)
