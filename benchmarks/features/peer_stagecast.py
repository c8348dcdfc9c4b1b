"""stagecast: read and cleaned, walked once, given out in batches of whole customers at all cut-offs.

What `stagecast.features` does, up to its DataFrame.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from compared import COLUMNS, FEATURES
from phases import WRITING, counted, phase

from features.clock import Clock, to_day
from features.config import OrdersConfig, StageConfig
from features.feature import Feature
from features.history import History
from features.orders.files import parquet_options
from features.past import plan
from features.past.batches import Batch, feature_batches
from features.past.runs import Runs
from features.sets.declared import FeatureSet
from features.sets.features import features_of
from features.stages.fit import fit_spec
from features.stages.spec import Specs
from features.table import select
from stagecast import check, write_features


@dataclass(frozen=True)
class Outcome:
    """What a file holds that was written: rows and columns."""

    shape: tuple[int, int]


@dataclass(frozen=True)
class Table:
    """As much of a batch as a consumer that drops it looks at, and the whole for one that keeps it."""

    batch: Batch
    history: History

    @property
    def shape(self) -> tuple[int, int]:
        """Snapshots; the two keys and the features."""
        return len(self.batch), 2 + len(self.batch.values)

    def to_arrow(self) -> pa.Table:
        """The batch with ids for codes and dates for days."""
        keys = {
            "customer_id": pa.array(self.history.customers[self.batch.customer], pa.string()),
            "cutoff": pa.array(self.batch.cutoff.astype("datetime64[D]")),
        }
        return pa.table(keys | {name: pa.array(values) for name, values in self.batch.values.items()})


def tables(orders: Path, cutoffs: list[date]) -> Iterator[Table]:
    """The features that are compared, from the columns that all read; none of them asks for a stage."""
    days = [to_day(cutoff) for cutoff in cutoffs]
    history = _history(_compared(orders), days)
    return _batches(history, days, {}, select(features_of(FeatureSet(), history.has), list(FEATURES)))


def everything(orders: Path, cutoffs: list[date]) -> Iterator[Table]:
    """Every default feature, from all columns, under the one stage spec fitted before the first cut-off."""
    counted(Runs, "spread", WRITING)
    counted(plan, "_put", WRITING)
    return _everything(orders, cutoffs, cutoffs[:1])


def own_specs(orders: Path, cutoffs: list[date]) -> Iterator[Table]:
    """The same with a stage spec fitted for each cut-off, so that stages are walked anew for each."""
    return _everything(orders, cutoffs, cutoffs)


def written(orders: Path, cutoffs: list[date]) -> Iterator[Outcome]:
    """Every default feature, streamed to a Parquet file by partitions: what `stagecast features` does."""
    with tempfile.TemporaryDirectory(dir=orders.parent) as folder, phase("all, and written"):
        made = write_features(orders, [str(cutoff) for cutoff in cutoffs], Path(folder) / "features.parquet")
    yield Outcome((made.snapshots, 2 + made.features))


def _everything(orders: Path, cutoffs: list[date], fitted_at: list[date]) -> Iterator[Table]:
    days = [to_day(cutoff) for cutoff in cutoffs]
    history = _history(orders, days)
    with phase("stage specs"):
        fitted = [fit_spec(history, to_day(when), 28, StageConfig(), Clock()) for when in fitted_at]
    specs: Specs = fitted[0] if len(fitted) == 1 else dict(zip(days, fitted, strict=True))
    return _batches(history, days, specs, features_of(FeatureSet(), history.has))


def _compared(orders: Path) -> ds.Dataset:
    """The file without the columns that nobody reads, opened as `stagecast.check` opens it."""
    way = ds.ParquetFileFormat(read_options=parquet_options(pq.read_metadata(orders), OrdersConfig()))
    schema = ds.dataset(orders, format=way).schema
    return ds.dataset(orders, format=way, schema=pa.schema([schema.field(name) for name in COLUMNS]))


def _history(orders: object, days: Sequence[int]) -> History:
    with phase("read and clean"):
        log = check(orders, until=days[-1]).log.before(days[-1])
    with phase("history"):
        return History.of(log)


def _batches(history: History, days: Sequence[int], specs: Specs, features: Sequence[Feature]) -> Iterator[Table]:
    with phase("features"):
        yield from (Table(batch, history) for batch in feature_batches(history, days, specs, features, threads=0))
