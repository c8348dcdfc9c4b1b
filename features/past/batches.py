"""The feature table in batches of whole customers, for tables larger than memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from features.feature import Feature
from features.fixed import Ints
from features.history import Codes, History
from features.past.past import Past
from features.past.plan import Plan
from features.past.snapshots import Snapshots
from features.stages.spec import Specs
from features.threads import in_order

SIZE = 1 << 17
"""Snapshots of a batch, or half the rows of its history if these are more: few enough for memory, and so many that
calling the features costs little beside them."""


@dataclass(frozen=True)
class Batch:
    """The snapshots of some customers one after another, and the values of the features there.

    Attributes:
        customer: customer codes, shape (n,).
        cutoff: tick of each, shape (n,), ascending within a customer.
        values: one array of shape (n,) a feature, by name, of the feature's `dtype`.
    """

    customer: Codes
    cutoff: Ints
    values: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.customer)


def feature_batches(
    history: History, cutoffs: Sequence[int], specs: Specs, features: Sequence[Feature], threads: int = 1
) -> Iterator[Batch]:
    """Features of every customer known at each cut-off, in order of customer, then cut-off.

    Args:
        history: all orders; none on or after a cut-off is looked at.
        cutoffs: ticks, as day numbers.
        specs: the frozen stage spec, or one for each cut-off.
        features: what to compute.
        threads: how many batches are computed at a time; 0 for one on each
            core. The values do not depend on it.
    """
    nobody = history.part(0, 0)
    plan = Plan.of(Past(nobody, Snapshots.of(nobody, []), specs), features)

    def batch(customers: tuple[int, int]) -> Batch:
        part = history.part(*customers)
        snapshots = Snapshots.of(part, cutoffs)
        columns = empty_columns(features, len(snapshots))
        plan.fill(Past(part, snapshots, specs), columns)
        return Batch(snapshots.customer + customers[0], snapshots.cutoff, columns)

    return in_order(batch, _customers(history, cutoffs), threads)


def empty_columns(features: Sequence[Feature], number: int) -> dict[str, np.ndarray]:
    """Columns of the features' types, to be filled."""
    return {feature.name: np.empty(number, feature.dtype) for feature in features}


def _customers(history: History, cutoffs: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges of customer codes, each of which ends as soon as it is of the size of a batch."""
    ticks = np.unique(np.asarray(cutoffs, dtype=np.int64))
    snapshots = len(ticks) - np.searchsorted(ticks, history.first_order_day, side="right")
    size = np.cumsum(np.where(snapshots > 0, np.maximum(snapshots, np.diff(history.starts) / 2), 0))
    ends = np.searchsorted(size, np.arange(SIZE, size[-1] + SIZE, SIZE)) + 1
    return list(pairwise([0, *np.unique(np.minimum(ends, len(size))).tolist()]))
