"""Batches of features as Arrow tables, cut into row groups of one size, wherever partitions and batches end."""

from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa

from features.clock import stamps
from features.feature import Feature
from features.past.batches import Batch

ROWS = 1 << 17
"""Rows of a row group: small enough to be held in memory, large enough to be read fast."""


def schema_of(features: Sequence[Feature]) -> pa.Schema:
    """Columns of the feature table: `customer_id`, `cutoff`, one a feature."""
    values = [(feature.name, pa.from_numpy_dtype(feature.dtype)) for feature in features]
    return pa.schema([("customer_id", pa.string()), ("cutoff", pa.timestamp("ms")), *values])


def to_table(batch: Batch, customers: pa.Array, schema: pa.Schema) -> pa.Table:
    """One batch; `customers` are the ids that its codes stand for."""
    cutoff = pa.array(stamps(batch.cutoff)).cast(pa.timestamp("ms"))
    values = [pa.array(batch.values[name]) for name in schema.names[2:]]
    return pa.Table.from_arrays([customers.take(pa.array(batch.customer)), cutoff, *values], schema=schema)


def row_groups(tables: Iterable[pa.Table], rows: int = ROWS) -> Iterator[pa.Table]:
    """The same rows in tables of so many rows each, in one piece; the last holds the rest."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        while sum(map(len, waiting)) >= rows:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, rows).combine_chunks()
            waiting = [whole.slice(rows)]
    if any(map(len, waiting)):
        yield pa.concat_tables(waiting).combine_chunks()
