"""A score store in memory: what the job is tested on, so that its tests say nothing of any real store."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from serving.contract import SCHEMA
from serving.store import Forgotten, Published, Receipt, Retention, Stamp, Tidied


class MemoryStore:
    """Weeks, receipts and documents in dictionaries."""

    def __init__(self) -> None:
        self.tables: dict[str, pa.Table] = {}
        self.receipts: dict[str, list[Receipt]] = {}
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}

    def publish(self, rows: Iterable[pa.RecordBatch], stamp: Stamp) -> Published:
        table = pa.Table.from_batches(rows, SCHEMA)
        ids = table["customer_id"].to_pylist()
        assert ids == sorted(set(ids))
        assert set(table["as_of"].to_pylist()) == {stamp.as_of}
        content = digest_of(table)
        old = self.receipt(stamp.as_of)
        if old and old.content == content:
            return Published(receipt=old, new=False)
        receipts = self.receipts.setdefault(stamp.as_of, [])
        receipts.append(Receipt(**stamp.model_dump(), rows=len(table), version=len(receipts), content=content))
        self.tables[stamp.as_of] = table
        return Published(receipt=receipts[-1], new=True)

    def weeks(self) -> list[str]:
        return sorted(self.tables)

    def receipt(self, as_of: str, version: int | None = None) -> Receipt | None:
        found = self.receipts.get(as_of, [])
        return found[-1 if version is None else version] if found else None

    def read(
        self, as_of: str, columns: Sequence[str] | None = None, version: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        table = self.tables[as_of]
        yield from (table.select(columns) if columns else table).to_batches()

    def versions(self, as_of: str) -> list[Receipt]:
        return self.receipts.get(as_of, [])

    def keep(self, kind: str, as_of: str, document: dict[str, Any]) -> None:
        self.documents[kind, as_of] = document

    def kept(self, kind: str, as_of: str) -> dict[str, Any] | None:
        return self.documents.get((kind, as_of))

    def tidy(self, retention: Retention) -> Tidied:
        raise NotImplementedError

    def forget(self, customers: Collection[str]) -> Forgotten:
        raise NotImplementedError


def digest_of(table: pa.Table) -> str:
    """SHA-256 of all rows, `scored_at` left out: floats bit for bit."""
    sink = pa.BufferOutputStream()
    plain = table.drop_columns("scored_at").cast(
        pa.schema([f if f.name != "as_of" else pa.field("as_of", pa.string()) for f in SCHEMA if f.name != "scored_at"])
    )
    with pa.ipc.new_stream(sink, plain.schema) as writer:
        writer.write_table(plain.combine_chunks())
    return hashlib.sha256(sink.getvalue()).hexdigest()
