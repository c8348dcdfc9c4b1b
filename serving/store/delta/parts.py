"""The data files of a week: one Parquet file, written and read in a stream."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from serving.contract import SCHEMA
from serving.store.delta.log import Part
from serving.store.place import Place

_BATCH = 65_536
_STORED = pa.schema([field for field in SCHEMA if field.name != "as_of"])
_REPEATED = [field.name for field in _STORED if pa.types.is_string(field.type) and field.name != "customer_id"]


def folder(as_of: str) -> str:
    """Where the files of a week lie."""
    return f"as_of={as_of}"


def write(place: Place, as_of: str, batches: Iterable[pa.RecordBatch]) -> Part:
    """Write a file of a week, durably; it counts once it is committed."""
    name, rows = f"{folder(as_of)}/part-{uuid4().hex}.parquet", 0
    with place.filling(name) as file:
        with pq.ParquetWriter(file, _STORED, compression="zstd", use_dictionary=_REPEATED) as writer:
            for batch in batches:
                writer.write_batch(batch.select(_STORED.names), row_group_size=_BATCH)
                rows += len(batch)
        size = file.tell()
    return Part(name, rows, size)


def read(
    place: Place, names: Sequence[str], as_of: str, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of files, in their order, with the contract's types; a batch in memory at a time."""
    schema = SCHEMA if columns is None else pa.schema([SCHEMA.field(name) for name in columns])
    stored = [name for name in schema.names if name != "as_of"]
    for name in names:
        with pq.ParquetFile(place.opened(name)) as file:
            for batch in file.iter_batches(_BATCH, columns=stored):
                yield _typed(batch, schema, as_of)


def _typed(batch: pa.RecordBatch, schema: pa.Schema, as_of: str) -> pa.RecordBatch:
    week = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), len(batch)), pa.array([as_of]))
    columns = [week if field.name == "as_of" else batch[field.name].cast(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
