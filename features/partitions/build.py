"""The feature table of a log in partitions, one partition after the other."""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from features.feature import Feature
from features.history import History
from features.partitions.row_groups import schema_of, to_table
from features.past.batches import feature_batches
from features.stages.spec import Specs


def feature_tables(
    histories: Iterable[History], cutoffs: Sequence[int], specs: Specs, features: Sequence[Feature], threads: int = 1
) -> Iterator[pa.Table]:
    """Tables of `customer_id`, `cutoff` and the features, in order of customer, then cut-off.

    The histories are those of the partitions, in the order of their customers,
    see `Parted`; the other arguments are those of `feature_batches`. No history
    is held here when the next one is made.
    """
    schema = schema_of(features)
    for history in histories:
        customers = pa.array(history.customers, pa.string())
        for batch in feature_batches(history, cutoffs, specs, features, threads):
            yield to_table(batch, customers, schema)
        del history
