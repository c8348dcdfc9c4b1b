"""stagecast: read and cleaned, walked once, given out in batches of whole customers at all cut-offs."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
from compared import COLUMNS, FEATURES

from features.clock import Clock, to_day
from features.config import FeatureConfig, StageConfig
from features.families import all_features
from features.history import History
from features.partitions.build import feature_tables
from features.stages.fit import fit_spec
from features.table import select
from stagecast.describe import check


def tables(orders: Path, cutoffs: list[date]) -> Iterator[pa.Table]:
    """One Arrow table a batch of customers, with the features that are compared."""
    return _tables(ds.dataset(orders).scanner(columns=list(COLUMNS)).to_reader(), cutoffs, list(FEATURES))


def everything(orders: Path, cutoffs: list[date]) -> Iterator[pa.Table]:
    """The same with every default feature."""
    return _tables(orders, cutoffs, None)


def _tables(orders: object, cutoffs: list[date], names: list[str] | None) -> Iterator[pa.Table]:
    days = [to_day(cutoff) for cutoff in cutoffs]
    history = History.of(check(orders).log.before(days[-1]))
    spec = fit_spec(history, days[0], 28, StageConfig(), Clock())
    features = select(all_features(FeatureConfig().windows, history.has), names)
    return feature_tables([history], days, spec, features, threads=0)
