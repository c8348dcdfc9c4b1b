"""The four real shops, with cut-offs to choose on and cut-offs to report, which nothing is chosen on.

The last six cut-offs whose label window is finished are reported, a period
apart. What is chosen is chosen on cut-offs whose label windows end at or
before the first of them, and on half of the customers.
"""

import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from features.clock import WEEK, Clock
from features.history import Codes, History
from features.stages.fit import fit_spec
from features.stages.spec import StageSpec
from stagecast import Config, check

PERIODS = {"online_retail_2": 28, "cdnow": 28, "completejourney": 14, "btydplus_grocery": 28}
"""Days of a period: households that shop for groceries every week are judged by shorter ones."""

REPORTED = 6
MONTH = 28
CLOCK = Clock("mon")


@dataclass(frozen=True)
class Shop:
    """A real order log.

    Attributes:
        name: of the data set.
        history: all orders.
        period: days.
        end: tick up to which orders are known.
    """

    name: str
    history: History
    period: int
    end: int

    @classmethod
    def read(cls, folder: Path, name: str, period: int | None = None) -> "Shop":
        """Read a data set."""
        history = History.of(check(str(folder / f"{name}.parquet"), Config()).orders)
        return cls(name, history, period or PERIODS[name], CLOCK.floor(history.last_day + 1))

    @property
    def reported(self) -> list[int]:
        """Cut-offs that nothing is chosen on."""
        return [self.end - self.period * k for k in range(REPORTED, 0, -1)]

    @property
    def first_reported(self) -> int:
        """The first cut-off that is reported by anybody, whatever the period: six of 28 days before the end."""
        return self.end - REPORTED * MONTH

    def development(self, number: int, apart: int) -> list[int]:
        """So many cut-offs to choose on, so many days apart."""
        newest = self.first_reported - self.period
        return [newest - apart * k for k in range(number)][::-1]

    def half(self, which: int) -> Codes:
        """Codes of half of the customers, by their ids: 0 to choose on."""
        return np.flatnonzero([zlib.crc32(str(name).encode()) % 2 == which for name in self.history.customers])

    def weekly(self, earliest_weeks: int, last: int) -> list[int]:
        """Every tick from some weeks after the first order to `last`."""
        first = self.history.first_day + earliest_weeks * WEEK
        return list(range(last, first - 1, -WEEK))[::-1]

    def spec(self, before: int) -> StageSpec:
        """Stage spec of the orders before a cut-off."""
        config = Config()
        return fit_spec(self.history, before, self.period, config.recipe.stages, CLOCK)
