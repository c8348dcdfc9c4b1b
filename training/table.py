"""The training table: snapshots with features, the stage now, and what came next."""

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.config import FeatureConfig
from features.families import all_features
from features.history import History
from features.snapshots import Past, Snapshots
from features.stages.machine import StageState
from features.stages.moves import Booleans, Stage
from features.stages.spec import StageSpec
from features.table import feature_matrix
from training.labels import Labels, label

T = TypeVar("T", StageState, Labels)


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
    def of(cls, history: History, cutoffs: list[int], spec: StageSpec, config: FeatureConfig, end: int) -> "Table":
        """Table of all customers known at each cut-off; see `training.labels.label` for `end`."""
        snapshots = Snapshots.of(history, cutoffs)
        past = Past(history, snapshots, spec)
        features = pd.DataFrame(feature_matrix(past, all_features(config.windows, history.has)))
        return cls(snapshots, features, past.stages, label(history, snapshots, spec, end))

    def __len__(self) -> int:
        return len(self.snapshots)

    @cached_property
    def reached_formative(self) -> Booleans:
        """Whether each customer ever stood in formative."""
        return self.now.reached >= Stage.FORMATIVE

    def at(self, cutoffs: list[int]) -> "Table":
        """The rows of some of the cut-offs."""
        return self.take(np.isin(self.snapshots.cutoff, cutoffs))

    def take(self, rows: Booleans) -> "Table":
        """The rows a mask of shape (n,) keeps."""
        return Table(
            Snapshots(self.snapshots.customer[rows], self.snapshots.cutoff[rows]),
            self.features.loc[rows].reset_index(drop=True),
            _pick(self.now, rows),
            _pick(self.labels, rows),
        )


def _pick(record: T, rows: npt.NDArray[np.bool_]) -> T:
    return type(record)(**{name: values[rows] for name, values in vars(record).items()})
