"""The feature table: one row a snapshot, one column a feature."""

import re
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd

from features.clock import stamps
from features.config import FeatureConfig
from features.errors import UsageError
from features.families import all_features
from features.feature import Feature
from features.history import History
from features.snapshots import Past, Snapshots
from features.stages.spec import StageSpec


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


def feature_matrix(past: Past, features: list[Feature]) -> dict[str, np.ndarray]:
    """Values of the features, float64 arrays of shape (n,) by name."""
    return {feature.name: np.asarray(feature.compute(past), dtype=np.float64) for feature in features}


def build_features(
    history: History, cutoffs: list[int], spec: StageSpec, config: FeatureConfig, patterns: list[str] | None = None
) -> pd.DataFrame:
    """Features of every customer known at each cut-off, under one frozen stage spec.

    Args:
        history: all orders; none on or after a cut-off is looked at.
        cutoffs: ticks, as day numbers.
        spec: the frozen stage spec.
        config: windows.
        patterns: features to keep, as in `select`.

    Returns:
        Columns `customer_id`, `cutoff`, then one float64 column a feature,
        sorted by customer, then cut-off.
    """
    snapshots = Snapshots.of(history, sorted(cutoffs))
    features = select(all_features(config.windows, history.has), patterns)
    values = feature_matrix(Past(history, snapshots, spec), features)
    keys = {"customer_id": history.customers[snapshots.customer], "cutoff": stamps(snapshots.cutoff)}
    return pd.DataFrame(keys | values)
