"""What would be known of customers later if no order came: their features and stages along that way."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.models.shops import Shop
from features.history import History
from features.past import Past, Snapshots
from features.sets.features import features_of
from features.stages.spec import StageSpec
from features.table import feature_matrix
from stagecast import Config, check


@dataclass(frozen=True)
class Silent:
    """A shop whose orders end at a cut-off.

    Attributes:
        shop: all orders.
        cut: the orders before the cut-off alone.
        cutoff: it.
        before: cut-off that the stage spec is fitted before.
    """

    shop: Shop
    cut: Shop
    cutoff: int
    before: int

    @classmethod
    def of(cls, folder: Path, shop: Shop, cutoff: int, before: int) -> "Silent":
        """Read the orders of a shop up to a cut-off."""
        orders = check(str(folder / f"{shop.name}.parquet"), Config()).orders
        history = History.of(orders[orders["ordered_at"] < pd.Timestamp(cutoff, unit="D")])
        return cls(shop, replace(shop, history=history), cutoff, before)

    def features(self, days: int, customers: np.ndarray) -> pd.DataFrame:
        """Every feature so many days after the cut-off, a row for each of some customers, by their codes in `shop`."""
        wanted, later = features_of(Config().recipe.features, self.cut.history.has), self._later(days)
        made = pd.DataFrame(feature_matrix(self._past(later), wanted))
        return made.iloc[self._rows(later, customers)].reset_index(drop=True)

    def stages(self, days: int, customers: np.ndarray) -> np.ndarray:
        """The stage so many days after the cut-off, likewise."""
        later = self._later(days)
        return self._past(later).stages.stage[self._rows(later, customers)]

    def _later(self, days: int) -> Snapshots:
        return Snapshots.of(self.cut.history, [self.cutoff + days]).only(self.cut.half(0))

    def _past(self, later: Snapshots) -> Past:
        return Past(self.cut.history, later, self._spec)

    def _rows(self, later: Snapshots, customers: np.ndarray) -> np.ndarray:
        names = pd.Index(np.asarray(self.cut.history.customers)[later.customer])
        return names.get_indexer(np.asarray(self.shop.history.customers)[customers])

    @cached_property
    def _spec(self) -> StageSpec:
        return self.shop.spec(self.before)
