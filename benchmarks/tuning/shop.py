"""One shop and one table for all who tune: development customers, and cut-offs before all that are reported."""

import zlib
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from features.clock import to_day
from features.history import History
from features.orders import CleanOrders
from features.orders.digest import digest
from features.stages.fit import fit_spec
from features.stages.moves import Booleans
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import check, orders_before
from training.bench import Bench
from training.config import Recipe
from training.log import Log
from training.splits import Split, split, thin
from training.table import Table

ENDS = {
    "online_retail_2": "2011-01-10",
    "cdnow": "1998-01-12",
    "completejourney": "2017-06-26",
    "btydplus_grocery": "2007-06-11",
}
"""Label windows end here, before the first cut-off on which accuracy is reported."""

PERIODS = {"completejourney": 14}
"""Days of a period where it is not 28: its log is half a year long up to there."""

DATA = Path(__file__).parents[3] / "shared" / "data"

SEED = 20260101


@dataclass(frozen=True)
class Shop:
    """A shop as it stood at the end of its development cut-offs.

    Attributes:
        name: of the order set.
        data: folder of the order sets.
        rows: to learn from, at most.
    """

    name: str
    data: Path
    rows: int = 50_000

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Orders of the customers whose ids have an even CRC-32."""
        table = pd.read_parquet(self.data / f"{self.name}.parquet")
        names = table["customer_id"].astype(str)
        even = {name for name in names.unique() if zlib.crc32(name.encode()) % 2 == 0}
        return table[names.isin(even)]

    @cached_property
    def history(self) -> History:
        """Their history before the end."""
        return History.of(self._used)

    @cached_property
    def digest(self) -> str:
        """Of these orders."""
        return digest(self._used)

    @property
    def end(self) -> int:
        """Tick up to which orders are known."""
        return to_day(date.fromisoformat(ENDS[self.name]))

    @property
    def period(self) -> int:
        """Days."""
        return PERIODS.get(self.name, 28)

    @cached_property
    def cutoffs(self) -> Split:
        """Those that fit, calibrate and, later than all that tuning may see, judge."""
        return split(self.history.first_day, self.end, self.period, self.recipe(()).training)

    def recipe(self, targets: tuple[str, ...], **tuning: object) -> Recipe:
        """The default recipe, on so many rows."""
        given = {"rows": self.rows, **({"targets": targets} if targets else {}), **tuning}
        period = f"{self.period}d"
        config = Config().overridden("training", period=period, fit_rows=self.rows, seed=SEED, threads=2, tuning=given)
        return config.recipe

    @cached_property
    def fit(self) -> Table:
        """Snapshots to learn from, of every k-th week, so that there are not more than `rows`."""
        known = np.array([len(self.history.known(cutoff)) for cutoff in self.cutoffs.fit])
        return self._bench.table(thin(self.cutoffs.fit, known, self.rows))

    @cached_property
    def newest(self) -> Table:
        """Later snapshots, to calibrate on."""
        return self._bench.table(self.cutoffs.calibrate)

    @cached_property
    def later(self) -> Table:
        """Still later ones, to judge on."""
        return self._bench.table(self.cutoffs.judge)

    @cached_property
    def spec(self) -> StageSpec:
        """Of the orders before anything calibrates."""
        recipe = self.recipe(())
        return fit_spec(self.history, self.cutoffs.calibrate[0], self.period, recipe.stages, recipe.clock)

    @cached_property
    def _bench(self) -> Bench:
        return Bench(Log.of(self.history), self.spec, self.recipe(()), self.end, lambda _: None)

    @cached_property
    def _used(self) -> CleanOrders:
        config = Config()
        clean = check(self.orders, config, self.end)
        return orders_before(clean, ENDS[self.name], config)[0]

    def save(self, target: str, folder: Path) -> None:
        """Put the table down for peers that have another environment."""
        roles = {"fit": self.fit, "calibrate": self.newest, "judge": self.later}
        parts = [
            table.features.assign(_role=role, _truth=truth(table, target), _customer=table.snapshots.customer)
            for role, table in roles.items()
        ]
        pd.concat(parts, ignore_index=True).to_parquet(folder / "table.parquet", index=False)


def truth(table: Table, target: str) -> Booleans:
    """What happened, row by row."""
    return table.labels.yes_or_no[target]
