"""One shop and one table for all who tune: development customers, and cut-offs before all that are reported."""

import zlib
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from features.clock import to_day
from features.fixed import Floats
from features.history import History
from features.orders.digest import digest
from features.stages.fit import fit_spec
from stagecast.config import Config
from stagecast.describe import check, orders_before
from training.bench import Bench
from training.config import Recipe
from training.splits import Split, split
from training.table import Table

ENDS = {
    "online_retail_2": "2011-06-06",
    "cdnow": "1998-01-12",
    "completejourney": "2017-06-26",
    "btydplus_grocery": "2007-06-11",
}
"""Label windows end here, before the first cut-off on which accuracy is reported."""

DATA = Path(__file__).parents[3] / "shared" / "data"

ROWS = 50_000
SEED = 20260101


@dataclass(frozen=True)
class Shop:
    """A shop as it stood at the end of its development cut-offs.

    Attributes:
        name: of the order set.
        data: folder of the order sets.
    """

    name: str
    data: Path

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
        return digest(self._used.frame())

    @property
    def end(self) -> int:
        """Tick up to which orders are known."""
        return to_day(date.fromisoformat(ENDS[self.name]))

    @cached_property
    def cutoffs(self) -> Split:
        """Those that fit, calibrate and, later than all that tuning may see, judge."""
        return split(self.history.first_day, self.end, 28, self.recipe(()).training)

    def recipe(self, targets: tuple[str, ...], **tuning: object) -> Recipe:
        """The default recipe, on so many rows."""
        given = {"rows": ROWS, **({"targets": targets} if targets else {}), **tuning}
        config = Config().overridden("training", fit_rows=ROWS, seed=SEED, threads=2, tuning=given)
        return config.recipe

    @cached_property
    def table(self) -> Table:
        """Snapshots of all these cut-offs."""
        recipe, cutoffs = self.recipe(()), self.cutoffs
        spec = fit_spec(self.history, cutoffs.calibrate[0], 28, recipe.stages, recipe.clock)
        bench = Bench(self.history, spec, recipe, self.end, lambda _: None)
        every = max(1, -(-sum(len(self.history.known(c)) for c in cutoffs.fit) // ROWS))
        self_thinned = replace(cutoffs, fit=cutoffs.fit[::-1][::every][::-1])
        return bench.table(sorted({*self_thinned.fit, *cutoffs.calibrate, *cutoffs.judge}))

    def rows(self, cutoffs: list[int]) -> np.ndarray:
        """Which rows of the table lie at some cut-offs."""
        return np.isin(self.table.snapshots.cutoff, cutoffs)

    def truth(self, target: str) -> Floats:
        """What happened, row by row of the table."""
        return self.table.labels.yes_or_no[target].astype(np.float64)

    @cached_property
    def _used(self):
        config = Config()
        clean = check(self.orders, config, self.end)
        return orders_before(clean, ENDS[self.name], config)[0]

    def save(self, target: str, folder: Path) -> None:
        """Put the table down for peers that have another environment."""
        role = np.select(
            [self.rows(self.cutoffs.judge), self.rows(self.cutoffs.calibrate)], ["judge", "calibrate"], "fit"
        )
        columns = {"_role": role, "_truth": self.truth(target), "_customer": self.table.snapshots.customer}
        self.table.features.assign(**columns).to_parquet(folder / "table.parquet", index=False)
