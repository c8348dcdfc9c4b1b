"""Weeks of scores in PostgreSQL: copied, put in place and receipted in one transaction."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from serving.contract import COLUMNS
from serving.store.content import checked
from serving.store.papers import a_kind, without
from serving.store.postgres import weeks
from serving.store.postgres.session import Session, column, first
from serving.store.postgres.tables import statements
from serving.store.protocol import Forgotten, Retention, Tidied, known, short
from serving.store.receipt import Published, Receipt, Stamp, a_date, superseded


class PostgresStore:
    """A `Store` in a schema of a database: tables `scores`, `scores_replaced`, `receipts`, `documents`."""

    def __init__(self, address: str) -> None:
        self._session = Session(address)

    def publish(self, rows: Iterable[pa.RecordBatch], stamp: Stamp) -> Published:  # noqa: D102  # see `Store`
        self._make()
        with self._session.transaction() as cursor:
            weeks.alone(cursor, stamp.as_of)
            content = weeks.copied(cursor, checked(rows, stamp.as_of))
            stood = next(reversed(weeks.receipts(cursor, stamp.as_of)), None)
            if stood and content.digest == stood.content == weeks.standing(cursor, stamp.as_of).digest:
                return Published(receipt=stood, new=False)
            version = stood.version + 1 if stood else 1
            new = Receipt(**stamp.model_dump(), rows=content.rows, version=version, content=content.digest)
            weeks.replace(cursor, stood, new)
        return Published(receipt=new, new=True)

    def weeks(self) -> list[str]:  # noqa: D102
        with self._session.reading() as cursor:
            there = weeks.made(cursor)
            return column(cursor, "SELECT DISTINCT as_of::text FROM receipts ORDER BY 1") if there else []

    def receipt(self, as_of: str, version: int | None = None) -> Receipt | None:  # noqa: D102
        return next((one for one in reversed(self.versions(as_of)) if version in (None, one.version)), None)

    def versions(self, as_of: str) -> list[Receipt]:  # noqa: D102
        with self._session.reading() as cursor:
            return weeks.receipts(cursor, a_date(as_of))

    def read(  # noqa: D102
        self, as_of: str, columns: Sequence[str] | None = None, version: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        rows = 0
        with self._session.reading() as cursor:
            receipts = weeks.receipts(cursor, a_date(as_of))
            receipt = known(receipts, as_of, version)
            stands = receipt is receipts[-1]
            table = "scores WHERE TRUE" if stands else f"scores_replaced WHERE version = {receipt.version}"
            for batch in weeks.read(cursor, table, as_of, list(COLUMNS) if columns is None else columns):
                rows += len(batch)
                yield batch
        if rows != receipt.rows:
            raise short(receipt, f"{rows} rows of {receipt.rows}")

    def keep(self, kind: str, as_of: str, document: dict[str, Any]) -> None:  # noqa: D102
        named, text = f"'{a_kind(kind)}', '{a_date(as_of)}'", json.dumps(document, allow_nan=False)
        self._make()
        with self._session.transaction() as cursor:
            cursor.execute(
                f"INSERT INTO documents VALUES ({named}, $1::text::json) "
                "ON CONFLICT (kind, as_of) DO UPDATE SET document = EXCLUDED.document",
                (text,),
            )

    def kept(self, kind: str, as_of: str) -> dict[str, Any] | None:  # noqa: D102
        of = f"kind = '{a_kind(kind)}' AND as_of = '{a_date(as_of)}'"
        with self._session.reading() as cursor:
            there = weeks.made(cursor)
            found = first(cursor, f"SELECT document::text FROM documents WHERE {of}") if there else None
        return None if found is None else json.loads(found)

    def tidy(self, retention: Retention) -> Tidied:  # noqa: D102
        there, since = self.weeks(), datetime.now(UTC) - timedelta(days=retention.keep_days)
        gone = there[: -retention.keep_weeks] if retention.keep_weeks else []
        versions = removed = 0
        for as_of in there:
            with self._session.transaction() as cursor:
                weeks.alone(cursor, as_of)
                receipts = weeks.receipts(cursor, as_of)
                old = [one.version for one in receipts] if as_of in gone else superseded(receipts, since)
                versions, removed = versions + len(old), removed + weeks.drop(cursor, as_of, old)
        if there:
            with self._session.transaction() as cursor:
                cursor.execute(f"DELETE FROM documents WHERE as_of < '{there[len(gone)]}'")
            self._session.vacuum()
        return Tidied(weeks=gone, versions=versions, removed=removed)

    def forget(self, customers: Collection[str]) -> Forgotten:  # noqa: D102
        ids, rows, versions = pa.array(sorted(set(customers)), pa.string()), dict[str, int](), 0
        there = self.weeks()
        for as_of in there:
            with self._session.transaction() as cursor:
                weeks.alone(cursor, as_of)
                *old, receipt = weeks.receipts(cursor, as_of)
                weeks.drop(cursor, as_of, [one.version for one in old])
                versions += len(old)
                if number := weeks.forget(cursor, receipt, ids):
                    rows[as_of] = number
        documents = self._forget_documents(frozenset(customers))
        if there:
            self._session.vacuum(full=True)  # a plain one leaves the bytes of deleted rows on their pages
        return Forgotten(rows=rows, versions=versions, documents=documents)

    def _forget_documents(self, customers: frozenset[str]) -> list[str]:
        with self._session.reading() as cursor:
            named = "SELECT kind || '/' || as_of FROM documents ORDER BY 1"
            there = [one.split("/") for one in column(cursor, named)] if weeks.made(cursor) else []
        changed = []
        for kind, as_of in there:
            document = self.kept(kind, as_of) or {}
            left = without(document, customers)
            if left != document:
                self.keep(kind, as_of, left)
                changed.append(f"{kind}/{as_of}")
        return changed

    def _make(self) -> None:
        """Make the tables where they are missing, one process at a time."""
        with self._session.reading() as cursor:
            if weeks.made(cursor):
                return
        with self._session.transaction() as cursor:
            first(cursor, "SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtext('stagecast tables'))) AS held")
            for statement in (f"CREATE SCHEMA IF NOT EXISTS {self._session.schema}", *statements()):
                cursor.execute(statement)
