"""The training table: snapshots with features, the stage now, and what came next."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.feature import Feature
from features.history import History
from features.snapshots import Past, Snapshots
from features.stages.machine import StageState
from features.stages.moves import Booleans, Stage
from features.stages.spec import StageSpec
from features.table import feature_matrix
from training.labels import Labels, label


@dataclass(frozen=True)
class Table:
    """Rows are snapshots, sorted by customer, then cut-off.

    Attributes:
        snapshots: customer and cut-off of each row.
        features: float64, one column a feature.
        now: state of the stage machine.
        labels: what came next.
    """

    snapshots: Snapshots
    features: pd.DataFrame
    now: StageState
    labels: Labels

    @classmethod
    def of(cls, history: History, snapshots: Snapshots, spec: StageSpec, features: list[Feature], end: int) -> "Table":
        """Table of some snapshots; see `training.labels.label` for `end`."""
        past = Past(history, snapshots, spec)
        values = pd.DataFrame(feature_matrix(past, features))
        return cls(snapshots, values, past.stages, label(history, snapshots, spec, end))

    def __len__(self) -> int:
        return len(self.snapshots)

    @cached_property
    def reached_formative(self) -> Booleans:
        """Whether each customer ever stood in formative."""
        return self.now.reached >= Stage.FORMATIVE

    def stack(self, other: "Table") -> "Table":
        """The rows of both tables."""
        return Table(
            Snapshots(*_both(self.snapshots, other.snapshots)),
            pd.concat([self.features, other.features], ignore_index=True),
            StageState(*_both(self.now, other.now)),
            Labels(*_both(self.labels, other.labels)),
        )


def _both(one: object, other: object) -> list[npt.NDArray[np.generic]]:
    return [np.concatenate([values, vars(other)[name]]) for name, values in vars(one).items()]
