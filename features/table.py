"""The feature table: one row a snapshot, one column a feature."""

import re
from collections import deque
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from features.clock import stamps
from features.config import FeatureConfig
from features.errors import UsageError
from features.feature import Feature
from features.history import History
from features.past import Past, Snapshots
from features.past.batches import SIZE, empty_columns
from features.past.plan import Plan
from features.sets.features import features_of
from features.stages.spec import Specs
from features.threads import in_order


def select(features: list[Feature], patterns: list[str] | None) -> list[Feature]:
    """Features whose names match one of the patterns (as in file names), in their own order.

    Raises:
        UsageError: a pattern matches nothing.
    """
    if not patterns:
        return features
    for pattern in patterns:
        if not any(fnmatchcase(feature.name, pattern) for feature in features):
            raise UsageError(
                "no feature has such a name",
                got=pattern,
                allowed=", ".join(sorted({re.sub(r"_\d+w$", "_*", f.name) for f in features})),
                remedy="name features, or patterns such as 'net_spend_*'",
            )
    return [feature for feature in features if any(fnmatchcase(feature.name, p) for p in patterns)]


def feature_matrix(past: Past, features: Sequence[Feature], threads: int = 1) -> dict[str, np.ndarray]:
    """Values of the features at each snapshot: arrays of shape (n,), of each feature's `dtype`, by name.

    Args:
        past: what is known; the stages too where they were asked for already.
        features: what to compute.
        threads: how many parts are computed at a time; 0 for one on each core.
    """
    plan, columns = Plan.of(past, features), empty_columns(features, len(past))

    def fill(part: slice) -> None:
        plan.fill(past.at(part), {name: column[part] for name, column in columns.items()})

    parts = [slice(begin, begin + SIZE) for begin in range(0, len(past), SIZE)]
    deque(in_order(fill, parts, threads), maxlen=0)
    return columns


def build_features(
    history: History, cutoffs: Sequence[int], specs: Specs, config: FeatureConfig, patterns: list[str] | None = None
) -> pd.DataFrame:
    """Features of every customer known at each cut-off, under frozen stage specs.

    Args:
        history: all orders; none on or after a cut-off is looked at.
        cutoffs: ticks, as day numbers.
        specs: the frozen stage spec, or one for each cut-off.
        config: the feature set, threads.
        patterns: features to keep, as in `select`.

    Returns:
        Columns `customer_id`, `cutoff`, then one column a feature, of its
        `dtype`, sorted by customer, then cut-off.
    """
    snapshots = Snapshots.of(history, cutoffs)
    features = select(features_of(config, history.has), patterns)
    values = feature_matrix(Past(history, snapshots, specs), features, config.threads)
    keys = {"customer_id": history.customers[snapshots.customer], "cutoff": stamps(snapshots.cutoff)}
    return pd.DataFrame(keys | values)
