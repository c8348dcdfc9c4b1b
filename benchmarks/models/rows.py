"""Rows to fit and judge on: one table a shop with every weekly cut-off, built once and kept on disk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.models.shops import Shop
from features.past import Snapshots
from features.sets.features import features_of
from stagecast import Config
from training.table import Table


@dataclass(frozen=True)
class Rows:
    """Snapshots as columns.

    Attributes:
        features: every feature there is, whatever a model may learn from.
        facts: `customer`, `cutoff`, `recency`, `tenure`, `order_days`, `stage`,
            `sub_state`, `reached`, `silence`, `next_stage`, `ordered`, `regression`, `spend`,
            and where there is money `order_day_value` and `usual_spend`.
    """

    features: pd.DataFrame
    facts: pd.DataFrame

    def __len__(self) -> int:
        return len(self.facts)

    def at(self, cutoffs: list[int]) -> "Rows":
        """The rows of some cut-offs."""
        return self.where(np.isin(self.facts["cutoff"], cutoffs))

    def where(self, inside: np.ndarray) -> "Rows":
        """Some rows."""
        return Rows(self.features.loc[inside].reset_index(drop=True), self.facts.loc[inside].reset_index(drop=True))


def kept(folder: Path, name: str, make: Callable[[], Rows]) -> Rows:
    """The rows kept under a name, made and kept where there are none."""
    files = [folder / f"{name}-{part}.parquet" for part in ("features", "facts")]
    if not all(file.exists() for file in files):
        folder.mkdir(parents=True, exist_ok=True)
        rows = make()
        rows.features.to_parquet(files[0])
        rows.facts.to_parquet(files[1])
    return Rows(*(pd.read_parquet(file) for file in files))


def rows_of(shop: Shop, cutoffs: list[int], before: int, half: int | None) -> Rows:
    """Rows of a shop at some cut-offs under the stage spec fitted before a cut-off, of half of the customers or all."""
    snapshots = Snapshots.of(shop.history, cutoffs)
    if half is not None:
        snapshots = snapshots.only(shop.half(half))
    features = features_of(Config().recipe.features, shop.history.has)
    table = Table.of(shop.history, snapshots, shop.spec(before), features, shop.end)
    return Rows(table.features, _facts(table))


def _facts(table: Table) -> pd.DataFrame:
    now, labels = table.now, table.labels
    return table.facts.assign(
        customer=table.snapshots.customer,
        cutoff=table.snapshots.cutoff,
        stage=now.stage,
        sub_state=now.sub_state,
        reached=now.reached,
        silence=now.silence,
        next_stage=labels.next_stage,
        ordered=labels.ordered,
        regression=labels.regression,
        spend=labels.spend,
    )
