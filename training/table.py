"""The training table: snapshots with features, the stage now, and what came next."""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd

from features.feature import Feature, ratio
from features.fixed import Ints
from features.history import History
from features.past import Past, Snapshots
from features.stages.machine import StageState
from features.stages.moves import Booleans, Stage
from features.stages.spec import StageSpec
from features.table import feature_matrix
from features.windows import weeks
from training.baselines.btyd import ByCutoff
from training.labels import Labels, label

USUAL_WEEKS = 26
"""What a customer usually spends is the spend of so many weeks."""

_Columns = TypeVar("_Columns", Snapshots, StageState, Labels)


@dataclass(frozen=True)
class Table:
    """Rows are snapshots.

    Attributes:
        snapshots: customer and cut-off of each row.
        features: what a model learns from; one column a feature, of its `dtype`.
        facts: what baselines and groups are made from, whatever the model may
            learn from: `recency` and `tenure` in days, `order_days`; where
            there is money also `order_day_value`, the mean spend of an
            order-day before returns, `net_spend`, all that was spent less all
            that was returned, and `usual_spend`, the same of the last
            `USUAL_WEEKS` weeks.
        now: state of the stage machine.
        labels: what came next.
        has: optional order columns that the history had.
    """

    snapshots: Snapshots
    features: pd.DataFrame
    facts: pd.DataFrame
    now: StageState
    labels: Labels
    has: frozenset[str]

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 - what a table is made from, and how
        cls,
        history: History,
        snapshots: Snapshots,
        spec: StageSpec,
        features: list[Feature],
        end: int,
        threads: int = 0,
    ) -> "Table":
        """Table of some snapshots, in their order.

        Args:
            history: all orders.
            snapshots: customers at cut-offs.
            spec: the frozen stage spec.
            features: what a model learns from.
            end: tick up to which orders are known.
            threads: for the features; 0 for one on each core.

        Raises:
            DataError: a label window goes beyond `end`.
        """
        past = Past(history, snapshots, spec)
        now = past.stages
        values = pd.DataFrame(feature_matrix(past, features, threads))
        facts = _facts(past, money="amount" in history.has)
        return cls(snapshots, values, facts, now, label(history, snapshots, spec, end), history.has)

    def __len__(self) -> int:
        return len(self.snapshots)

    @cached_property
    def reached_formative(self) -> Booleans:
        """Whether each customer ever stood in formative."""
        return self.now.reached >= Stage.FORMATIVE

    @cached_property
    def btyd(self) -> ByCutoff:
        """Models of repeat orders, fitted at each cut-off on its rows."""
        return ByCutoff(self.facts, self.snapshots.cutoff)

    @property
    def bare(self) -> "Table":
        """The same rows without the features, which take most of the memory."""
        return replace(self, features=self.features.iloc[:, :0])

    def at(self, places: Ints) -> "Table":
        """Some of the rows, in the order of the places."""
        labels = {field.name: getattr(self.labels, field.name)[places] for field in fields(self.labels)}
        return Table(
            self.snapshots.at(places),
            self.features.iloc[places] if len(self.features.columns) else self.features,
            self.facts.iloc[places].reset_index(drop=True),
            self.now.at(places),
            Labels(**labels),
            self.has,
        )

    def stack(self, other: "Table") -> "Table":
        """The rows of both tables, these first."""
        return Table(
            _both(self.snapshots, other.snapshots),
            pd.concat([self.features, other.features], ignore_index=True),
            pd.concat([self.facts, other.facts], ignore_index=True),
            _both(self.now, other.now),
            _both(self.labels, other.labels),
            self.has,
        )


def _facts(past: Past, money: bool) -> pd.DataFrame:
    order_days = past.count("order_day")
    facts = {"recency": past.recency, "tenure": past.tenure, "order_days": order_days}
    if money:
        facts["order_day_value"] = ratio(past.total("value"), order_days)
        facts["net_spend"] = past.total("net")
        facts["usual_spend"] = past.total("net", weeks(USUAL_WEEKS))
    return pd.DataFrame(facts)


def _both(one: _Columns, other: _Columns) -> _Columns:
    names = [field.name for field in fields(one)]
    return replace(one, **{name: np.concatenate([getattr(one, name), getattr(other, name)]) for name in names})
