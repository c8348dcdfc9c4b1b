"""All that is known of customers at cut-offs.

A family of features sees a `Past`, never the `History`: nothing it can ask for
lies at or after the cut-off.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from features.fixed import UNIT, Floats, Ints
from features.history import Codes, History
from features.history.door import rows_at
from features.history.shop import Shop
from features.past.answers import CUSTOMER, CUTOFF, Answers, Key, Known, Read, Reads, answer
from features.past.bounds import NOTHING, largest_between, sums_between
from features.past.rows import Pass, peaks
from features.past.runs import Runs
from features.past.snapshots import Snapshots
from features.stages.machine import StageState
from features.stages.several import hold_days_of, run_all_stages
from features.stages.spec import Specs

if TYPE_CHECKING:
    from features.tables.joined import View


@dataclass(frozen=True)
class Part:
    """Some snapshots that stand for all.

    Attributes:
        past: what is known at them.
        runs: which snapshots each stands for.
        reads: what is the same within a run.
    """

    past: "Past"
    runs: Runs
    reads: Reads


class Past(Answers):
    """What is known at each snapshot. All answers are arrays of shape (n,), shared and therefore read-only.

    Windows are in days and reach back from the cut-off: `[cutoff - days,
    cutoff)`; None is the whole history.

    Args:
        history: all orders; those on or after a cut-off never show.
        snapshots: customers at cut-offs.
        specs: the frozen stage spec, or one for each cut-off.
    """

    _whole: "tuple[Past, Ints] | None" = None

    def __init__(self, history: History, snapshots: Snapshots, specs: Specs) -> None:
        super().__init__()
        self._history, self._snapshots, self._specs = history, snapshots, specs
        self._lent: dict[Key, Part] = {}

    def __len__(self) -> int:
        return len(self._snapshots)

    def at(self, places: Ints | slice) -> "Past":
        """The past at some of the snapshots; a slice shares no more with this one than stages found already."""
        part = Past(self._history, self._snapshots.at(places), self._specs)
        if not isinstance(places, slice):
            part._whole = self, places
        elif ("stages",) in self._answers:
            state, reads = self._answers["stages",]
            part._answers["stages",] = state.at(places), reads
        return part

    @property
    def customer(self) -> Codes:
        """Code of each customer."""
        self.reads.add(CUSTOMER)
        return self._snapshots.customer

    @property
    def cutoff(self) -> Ints:
        """Tick of each snapshot, as a day number."""
        self.reads.add(CUTOFF)
        return self._snapshots.cutoff

    def since(self, columns: Iterable[str]) -> int:
        """First day on which each of some optional columns holds a value, all customers together."""
        never = np.iinfo(np.int64).min
        return max((self._history.since.get(column, never) for column in columns), default=never)

    def answered(self) -> list[tuple[Key, set[Read]]]:
        """Questions whose answers so far are arrays, and what each depends on."""
        return [(key, reads) for key, (found, reads) in self._answers.items() if isinstance(found, np.ndarray)]

    def asking(self, parts: dict[Key, Part]) -> "Past":
        """The same past, for which these questions are answered by parts that stand for all."""
        same = Past(self._history, self._snapshots, self._specs)
        same._answers, same._lent = self._answers, parts
        return same

    def elsewhere(self, key: Key, ask: "Callable[[Past], object]") -> Known | None:
        """What a part has to say, at all snapshots; None where it depends on more than it showed."""
        part = self._lent.get(key)
        if part is None:
            return None
        found, asked = part.past.observed(ask)
        return (part.runs.taken(np.asarray(found)), asked) if asked <= part.reads else None

    def moves(self, read: Read) -> Ints:
        """Where the customer, or the row of so many days before the cut-off, is not that of the snapshot before."""
        if read == CUTOFF:
            raise ValueError("the cut-off moves everywhere")
        places = self._snapshots.begins if read == CUSTOMER else self._steps(read)[0]
        return places[:-1]

    @property
    def hold_days(self) -> int:
        """The period, in days."""
        return hold_days_of(self._specs)

    @answer
    def exact(self, measure: str, days: int | None = None, ending: int = 0) -> Ints:
        """Exact sum of a measure over a window that ends `ending` days before the cut-off.

        Raises:
            ValueError: the window would end after the cut-off.
        """
        totals = self._history.totals(measure)
        first, last = self._window(days, ending)
        return totals[last] - totals[first]

    @answer
    def count(self, measure: str, days: int | None = None, ending: int = 0) -> Floats:
        """Sum of a measure that counts whole things."""
        return self._sum(measure, self._window(days, ending), 1.0)

    @answer
    def total(self, measure: str, days: int | None = None, ending: int = 0) -> Floats:
        """Sum of a measure that is kept in millionths (money, units, prices)."""
        return self._sum(measure, self._window(days, ending), float(UNIT))

    @answer
    def largest(self, measure: str, days: int | None = None) -> Floats:
        """Largest order-day value of a measure in the window; NaN where there is no order-day."""
        columns = self._history.columns
        best = np.empty(len(self), dtype=np.int64)
        largest_between((columns["order_day"], columns[measure]), *self._window(days), best)
        return np.where(best == NOTHING, np.nan, best / float(UNIT))

    @answer
    def walk(self, rows_to_number: Pass, *measures: str, days: int | None = None) -> Floats:
        """What a pass over the rows of the window finds in the measures, as stored (see `features.past.rows`)."""
        found = np.empty(len(self))
        columns = tuple(self._history.columns[measure] for measure in measures)
        rows_to_number(self._history.day, columns, *self._window(days), found)
        return found

    @answer
    def peak(self, measure: str, days: int) -> Floats:
        """Largest sum of a measure, as stored, over any so many days that end with an order-day of the history."""
        found = np.empty(len(self), dtype=np.int64)
        columns = (self._history.columns["order_day"], self._history.columns[measure])
        peaks(days, self._history.day, columns, self._window(None), found)
        return found.astype(np.float64)

    @answer
    def at_last(self, measure: str) -> Floats:
        """Value of a measure on the last order-day, as stored."""
        stored: Floats = self._history.columns[measure].take(self._last_order_row()).astype(np.float64)
        return stored

    @answer
    def at_first(self, measure: str) -> Floats:
        """Value of a measure on the first order-day, as stored."""
        stored: Floats = self._history.columns[measure].take(self._rows_before(self.first_order_day)).astype(np.float64)
        return stored

    @answer
    def order_days_in_first(self, days: int) -> Floats:
        """Order-days within so many days of the first one, as far as they are history."""
        last = np.minimum(self._rows_before(self.first_order_day + days), self._rows(0))
        return self._sum("order_day", (self._starts(), last), 1.0)

    @property
    @answer
    def recency(self) -> Floats:
        """Days since the last order-day."""
        return _days_between(self.last_order_day, self.cutoff)

    @property
    @answer
    def tenure(self) -> Floats:
        """Days since the first order-day."""
        return _days_between(self.first_order_day, self.cutoff)

    @property
    @answer
    def last_order_day(self) -> Ints:
        """Day number of the last order-day."""
        day: Ints = self._history.day.take(self._last_order_row()).astype(np.int64)
        return day

    @property
    @answer
    def first_order_day(self) -> Ints:
        """Day number of the first order-day."""
        return self._history.first_order_day.take(self.customer)

    @property
    @answer
    def stages(self) -> StageState:
        """State of the stage machine."""
        return run_all_stages(self._history, self._specs, self.customer, self.cutoff)

    @property
    @answer
    def shop(self) -> Shop:
        """The whole shop before each cut-off."""
        return Shop(self._history.shop_days, self.cutoff)

    @answer
    def table(self, name: str) -> "View":
        """A table beside the orders, as it was known at each snapshot."""
        return self._history.table(name).at(self.customer, self.cutoff)

    @answer
    def distinct(self, item: str, days: int | None = None, ending: int = 0) -> Floats:
        """Different items bought in the window."""
        if days is None:
            return _sum(self._history.items[item].novel, self._window(None, ending), 1.0)
        return self._history.items[item].distinct(*self._window(days, ending)).astype(np.float64)

    @answer
    def touches(self, item: str, days: int | None = None) -> Floats:
        """Days x items: each item counts once on each day it was bought."""
        return _sum(self._history.items[item].starts, self._window(days), 1.0)

    @answer
    def novel(self, item: str, days: int | None = None) -> Floats:
        """Items bought in the window that the customer had never bought before."""
        return _sum(self._history.items[item].novel, self._window(days), 1.0)

    @answer
    def repeated(self, item: str) -> Floats:
        """Items bought on two days or more, over the whole history."""
        return _sum(self._history.items[item].repeated, self._window(None), 1.0)

    @answer
    def squares(self, item: str) -> Floats:
        """Sum over items of (days bought)^2, over the whole history."""
        return _sum(self._history.items[item].squares, self._window(None), 1.0)

    @answer
    def last_touches(self, item: str) -> Floats:
        """Different items bought on the last order-day."""
        return _sum(self._history.items[item].starts, self._last_order_rows(), 1.0)

    @answer
    def last_novel(self, item: str) -> Floats:
        """Items bought on the last order-day that the customer had never bought before."""
        return _sum(self._history.items[item].novel, self._last_order_rows(), 1.0)

    def _window(self, days: int | None, ending: int = 0) -> tuple[Ints, Ints]:
        """First row of the window, and the first one past it."""
        first = self._starts() if days is None else self._rows(days + ending)
        return first, self._rows(ending)

    @answer
    def _rows(self, days: int) -> Ints:
        """First row that is not before the day so many days before the cut-off."""
        if days < 0:
            raise ValueError(f"a window may not reach {-days} days past its cut-off")
        self.reads.add(days)
        if self._whole:
            whole, places = self._whole
            rows = np.empty(len(places), dtype=np.int64)
            rows_at(whole._steps(days), places, rows)
            return rows
        return self._rows_before(self._snapshots.cutoff - days)

    @answer
    def _steps(self, days: int) -> tuple[Ints, Ints]:
        """Snapshots at which another row is the first that is not before that day, and which."""
        snapshots = self._snapshots.customer, self._snapshots.cutoff, self._snapshots.begins
        return self._history.steps_before(snapshots, days)

    @answer
    def _starts(self) -> Ints:
        """First row of each customer."""
        return self._history.starts.take(self.customer)

    def _rows_before(self, day: Ints) -> Ints:
        return self._history.before(self._snapshots.customer, day)

    @answer
    def _last_order_row(self) -> Ints:
        row: Ints = self._history.latest_order_row.take(self._rows(0) - 1)
        return row

    def _last_order_rows(self) -> tuple[Ints, Ints]:
        return self._last_order_row(), self._last_order_row() + 1

    def _sum(self, measure: str, bounds: tuple[Ints, Ints], unit: float) -> Floats:
        return _sum(self._history.totals(measure), bounds, unit)


def _sum(totals: Ints, bounds: tuple[Ints, Ints], unit: float) -> Floats:
    """Sum between two places of running totals, over a unit."""
    sums = np.empty(len(bounds[0]))
    sums_between(totals, bounds, unit, sums)
    return sums


def _days_between(first: Ints, last: Ints) -> Floats:
    days: Floats = np.subtract(last, first, dtype=np.float64)
    return days
