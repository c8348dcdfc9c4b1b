"""Orders that can be read batch by batch, whatever they come from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from features.errors import DataError
from features.orders.arrow import without_views
from features.orders.columns import time_of
from features.orders.contract import NAMES
from features.orders.span import Span


@dataclass(frozen=True, slots=True)
class Scan:
    """What a source holds: the schema, in canonical names, and its batches, read anew at each call.

    A batch may lack optional columns of the schema, or hold them in a narrower type.
    `once` says that the source can be read a single time, as a stream can.
    """

    schema: pa.Schema
    batches: Callable[[], Iterator[pa.RecordBatch | pa.Table]]
    once: bool = field(default=False)

    def table(self) -> pa.Table:
        """All rows in memory."""
        return pa.concat_tables([self.schema.empty_table(), *self.pieces()], promote_options="permissive")

    def pieces(self) -> Iterator[pa.Table]:
        """The batches, each with every column of the schema."""
        return (conform(batch, self.schema) for batch in self.batches())

    def batched(self, lines: int) -> Iterator[pa.Table]:
        """The rows in tables of `lines` rows, the last one shorter."""
        held, count = list[pa.Table](), 0
        for piece in self.pieces():
            held, count = [*held, piece], count + len(piece)
            while count >= lines:
                whole = pa.concat_tables(held)
                yield whole.slice(0, lines)
                held, count = [whole.slice(lines)], count - lines
        if count:
            yield pa.concat_tables(held)


def conform(batch: pa.RecordBatch | pa.Table, schema: pa.Schema) -> pa.Table:
    """The batch with every column of the schema, in its types; what it lacks is null."""
    there = {part.name for part in batch.schema if not pa.types.is_null(part.type)}
    columns = [batch.column(part.name) if part.name in there else pa.nulls(len(batch), part.type) for part in schema]
    table = pa.table(columns, names=schema.names)
    return table if table.schema.equals(schema) else table.cast(schema)


def canonical(schema: pa.Schema, chosen: dict[str, str]) -> pa.Schema:
    """The chosen fields under their canonical names."""
    fields = [(name, schema.field(there)) for there, name in chosen.items()]
    return pa.schema([pa.field(name, without_views(field.type), field.nullable) for name, field in fields])


def unified(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """One schema for all, in the order of the contract. Raises `DataError` where types cannot be brought together."""
    try:
        whole = pa.unify_schemas(list(schemas), promote_options="permissive")
    except pa.ArrowException as error:
        raise DataError(
            f"the {len(schemas)} files do not agree on the type of a column",
            got=error,
            remedy="write all files with the same types, ids as text",
        ) from error
    order = [*(name for name in NAMES if name in whole.names), *(name for name in whole.names if name not in NAMES)]
    return pa.schema([whole.field(name) for name in order])


Groups = tuple[int, int]
"""First row group, and the one before which it ends."""


def scan_dataset(dataset: ds.Dataset, chosen: dict[str, str], span: Span, groups: Groups | None = None) -> Scan:
    """The chosen columns of an Arrow dataset, read a row group at a time; row groups outside the span are left out.

    With `groups` only these row groups of each file are read. A scanner of the whole
    dataset would read ahead of a slow reader until all rows are in memory.
    """
    time = time_of(chosen)
    within = span.expression(dataset.schema.field(time))

    def batches() -> Iterator[pa.RecordBatch]:
        for part in _row_groups(dataset, within, groups):
            for batch in part.to_batches(dataset.schema, columns=list(chosen), filter=within, batch_size=1 << 18):
                yield batch.rename_columns(list(chosen.values()))

    return Scan(canonical(dataset.schema, chosen), batches)


def _row_groups(
    dataset: ds.Dataset, within: pc.Expression | None, groups: Groups | None = None
) -> Iterator[ds.Fragment]:
    for fragment in dataset.get_fragments(filter=within):
        if isinstance(fragment, ds.ParquetFileFragment):
            some = fragment if groups is None else fragment.subset(row_group_ids=[*range(*groups)])
            yield from some.split_by_row_group(filter=within)
        else:
            yield fragment
