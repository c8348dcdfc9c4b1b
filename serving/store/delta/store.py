"""Weeks of scores in a Delta table: data files, then the commit, then the receipt, each durable before the next."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from features.errors import StagecastError
from serving.store.content import Content, checked
from serving.store.delta import parts
from serving.store.delta.log import Part, standing
from serving.store.delta.tidy import forget, tidy
from serving.store.delta.weeks import Weeks
from serving.store.papers import Documents
from serving.store.place import Place
from serving.store.protocol import Forgotten, Retention, Tidied, known, short
from serving.store.receipt import Published, Receipt, Stamp, a_date

_REMEDY = {
    "read": "check the address; if the power went in the middle of a commit, `stagecast tidy` mends the table",
    "written": "free some space or let this user write there, and run again: a week stands whole or not at all",
}


class DeltaStore:
    """A `Store` in a folder or an object store."""

    def __init__(self, place: Place) -> None:
        self._place, self._weeks, self._documents = place, Weeks(place), Documents(place)

    def publish(self, rows: Iterable[pa.RecordBatch], stamp: Stamp) -> Published:  # noqa: D102  # see `Store`
        weeks = self._weeks
        with self._reaching("written"), weeks.alone(stamp.as_of):
            table = weeks.log.ready()
            weeks.finish(table, stamp.as_of)
            weeks.sweep(table, stamp.as_of)
            part, content = self._write(checked(rows, stamp.as_of), stamp.as_of)
            stood = standing(table, stamp.as_of)
            receipt = weeks.receipts.get(stamp.as_of, None)
            if receipt and receipt.version == stood and content == receipt.content == self._content(table, stamp.as_of):
                self._place.remove(part.name)
                return Published(receipt=receipt, new=False)
            receipt = Receipt(**stamp.model_dump(), rows=part.rows, version=0, content=content)
            return Published(receipt=weeks.replace(table, part, receipt), new=True)

    def weeks(self) -> list[str]:  # noqa: D102
        with self._reaching("read"):
            return self._weeks.receipts.weeks()

    def receipt(self, as_of: str, version: int | None = None) -> Receipt | None:  # noqa: D102
        with self._reaching("read"):
            return self._weeks.receipts.get(a_date(as_of), version)

    def read(  # noqa: D102
        self, as_of: str, columns: Sequence[str] | None = None, version: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        with self._reaching("read"):
            receipt, rows = known(self.versions(as_of), as_of, version), 0
            for batch in parts.read(self._place, self._weeks.files(receipt), receipt.as_of, columns):
                rows += len(batch)
                yield batch
        if rows != receipt.rows:
            raise short(receipt, f"{rows} rows of {receipt.rows}")

    def versions(self, as_of: str) -> list[Receipt]:  # noqa: D102
        with self._reaching("read"):
            return self._weeks.versions(as_of)

    def keep(self, kind: str, as_of: str, document: dict[str, Any]) -> None:  # noqa: D102
        with self._reaching("written"):
            self._documents.put(kind, as_of, document)

    def kept(self, kind: str, as_of: str) -> dict[str, Any] | None:  # noqa: D102
        with self._reaching("read"):
            return self._documents.get(kind, as_of)

    def tidy(self, retention: Retention) -> Tidied:  # noqa: D102
        with self._reaching("written"):
            return tidy(self._weeks, self._documents, retention)

    def forget(self, customers: Collection[str]) -> Forgotten:  # noqa: D102
        with self._reaching("written"):
            return forget(self._weeks, self._documents, customers)

    def _write(self, rows: Iterator[pa.RecordBatch], as_of: str) -> tuple[Part, str]:
        """A file with these rows, durable and read back, and the hash of them."""
        content = Content()
        part = parts.write(self._place, as_of, content.of(rows))
        back = Content().taken(parts.read(self._place, [part.name], as_of))
        if back.digest != content.digest:
            self._place.remove(part.name)
            raise OSError(f"what was written to {part.name} is not what is read back")
        return part, content.digest

    def _content(self, table: DeltaTable, as_of: str) -> str | None:
        """The hash of the rows that stand; None where they cannot be read."""
        try:
            return Content().taken(parts.read(self._place, self._weeks.log.files(table, as_of), as_of)).digest
        except (OSError, pa.ArrowException):
            return None

    @contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, DeltaError, pa.ArrowException) as error:
            raise StagecastError(
                f"the score table cannot be {what}",
                got=f"{self._place.address}: {' '.join(str(error).split())[:300]}",
                remedy=_REMEDY[what],
            ) from error
