"""The feature table in batches of whole customers, for tables larger than memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from features.feature import Feature
from features.fixed import Ints
from features.history import Codes, History
from features.snapshots import Past, Snapshots
from features.stages.spec import Specs


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
    if not isinstance(specs, dict):
        specs = dict.fromkeys(cutoffs, specs)
    snapshots = Snapshots.of(history, list(cutoffs))
    past = Past(history, snapshots, specs[cutoffs[0]])
    values = {feature.name: feature.compute(past).astype(feature.dtype) for feature in features}
    for codes in np.array_split(np.unique(snapshots.customer), 8):
        mine = np.isin(snapshots.customer, codes)
        yield Batch(snapshots.customer[mine], snapshots.cutoff[mine], {k: v[mine] for k, v in values.items()})
