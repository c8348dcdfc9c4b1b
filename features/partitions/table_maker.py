"""The feature tables of a partition, wherever they are made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from features.feature import Feature
from features.partitions.build import feature_tables
from features.partitions.row_groups import schema_of
from features.partitions.share import Share
from features.sets.declared import FeatureSet
from features.sets.features import features_of
from features.stages.spec import Specs
from features.table import select
from features.tables.joined import Table


@dataclass(frozen=True)
class Asked:
    """Which features are asked for, in words that any process understands.

    Attributes:
        declared: the feature set.
        has: optional columns that the orders have.
        select: patterns of the features to keep; None keeps all.
    """

    declared: FeatureSet
    has: frozenset[str]
    select: tuple[str, ...] | None = None

    def features(self) -> list[Feature]:
        """The features.

        Raises:
            UsageError: a pattern matches nothing, or the set is not right.
        """
        return select(features_of(self.declared, self.has), None if self.select is None else list(self.select))


@dataclass(frozen=True)
class TableMaker:
    """Makes the feature tables of one partition after the other.

    Attributes:
        share: the partitions.
        asked: the features.
        cutoffs: ticks, as day numbers.
        specs: the stage spec, or one for each cut-off.
        tables: tables beside the orders.
        threads: as in `feature_batches`.
    """

    share: Share
    asked: Asked
    cutoffs: tuple[int, ...]
    specs: Specs
    tables: Mapping[str, Table] = field(default_factory=dict)
    threads: int = 1

    def __call__(self, number: int) -> Iterator[pa.Table]:
        """Tables of `customer_id`, `cutoff` and the features, in order of customer, then cut-off."""
        history = self.share.history(number).joined(self.tables)
        return feature_tables([history], self.cutoffs, self.specs, self._features, self.threads)

    @property
    def schema(self) -> pa.Schema:
        """Columns of the tables."""
        return schema_of(self._features)

    @cached_property
    def _features(self) -> list[Feature]:
        return self.asked.features()

    def __getstate__(self) -> dict[str, object]:
        """Without the features, which are made anew where they are needed."""
        return {name: value for name, value in vars(self).items() if name != "_features"}
