"""Weeks of scores in a Delta table: data files, then the commit, then the receipt, each durable before the next."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from features.errors import BusyError, StagecastError
from serving.store.content import Content, checked
from serving.store.delta import parts
from serving.store.delta.log import Log, Part, lock_of, standing
from serving.store.delta.tidy import forget, tidy
from serving.store.papers import Documents, Receipts
from serving.store.place import Place
from serving.store.protocol import Forgotten, Retention, Tidied, known, short
from serving.store.receipt import Published, Receipt, Stamp, a_date

_NOTE = "stagecast.receipt"
_REMEDY = {
    "read": "check the address; if the power went in the middle of a commit, `stagecast tidy` mends the table",
    "written": "free some space or let this user write there, and run again: a week stands whole or not at all",
}


class DeltaStore:
    """A `Store` in a folder or an object store."""

    def __init__(self, place: Place) -> None:
        self.place, self.log = place, Log(place)
        self.receipts, self.documents = Receipts(place), Documents(place)

    def publish(self, rows: Iterable[pa.RecordBatch], stamp: Stamp) -> Published:  # noqa: D102  # see `Store`
        with self._reaching("written"), self.alone(stamp.as_of):
            table = self.log.ready()
            self.finish(table, stamp.as_of)
            self.sweep(table, stamp.as_of)
            part, content = self._write(checked(rows, stamp.as_of), stamp.as_of)
            stood = standing(table, stamp.as_of)
            receipt = self.receipts.get(stamp.as_of, None)
            if receipt and receipt.version == stood and content == receipt.content == self._content(table, stamp.as_of):
                self.place.remove(part.name)
                return Published(receipt=receipt, new=False)
            receipt = Receipt(**stamp.model_dump(), rows=part.rows, version=0, content=content)
            return Published(receipt=self.replace(table, part, receipt), new=True)

    def weeks(self) -> list[str]:  # noqa: D102
        with self._reaching("read"):
            return self.receipts.weeks()

    def receipt(self, as_of: str, version: int | None = None) -> Receipt | None:  # noqa: D102
        with self._reaching("read"):
            return self.receipts.get(a_date(as_of), version)

    def read(  # noqa: D102
        self, as_of: str, columns: Sequence[str] | None = None, version: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        with self._reaching("read"):
            receipt, rows = known(self.versions(as_of), as_of, version), 0
            for batch in parts.read(self.place, self._files(receipt), receipt.as_of, columns):
                rows += len(batch)
                yield batch
        if rows != receipt.rows:
            raise short(receipt, f"{rows} rows of {receipt.rows}")

    def versions(self, as_of: str) -> list[Receipt]:  # noqa: D102
        with self._reaching("read"):
            found = (self.receipts.get(as_of, version) for version in self.receipts.versions(a_date(as_of)))
            return [receipt for receipt in found if receipt]

    def keep(self, kind: str, as_of: str, document: dict[str, Any]) -> None:  # noqa: D102
        with self._reaching("written"):
            self.documents.put(kind, as_of, document)

    def kept(self, kind: str, as_of: str) -> dict[str, Any] | None:  # noqa: D102
        with self._reaching("read"):
            return self.documents.get(kind, as_of)

    def tidy(self, retention: Retention) -> Tidied:  # noqa: D102
        with self._reaching("written"):
            return tidy(self, retention)

    def forget(self, customers: Collection[str]) -> Forgotten:  # noqa: D102
        with self._reaching("written"):
            return forget(self, customers)

    def replace(self, table: DeltaTable, part: Part, receipt: Receipt) -> Receipt:
        """Let a written file be its week: commit, look at what stands then, leave the receipt."""
        receipt = receipt.model_copy(update={"files": (part.name,)})
        try:
            version = self.log.commit(table, receipt.as_of, [part], {_NOTE: receipt.model_dump_json()})
        except BusyError:
            self.place.remove(part.name)
            raise
        receipt = receipt.model_copy(update={"version": version})
        if self._files(receipt) != [part.name]:
            raise short(receipt, "the table does not hold what was committed")
        self.receipts.put(receipt)
        return receipt

    def finish(self, table: DeltaTable, as_of: str) -> None:
        """Leave the receipt of a week whose publisher was killed before it could."""
        version = standing(table, as_of)
        if version is None or self.receipts.get(as_of, version):
            return
        noted = self.log.note(table, version, _NOTE)
        if noted:
            self.receipts.put(Receipt.model_validate_json(noted).model_copy(update={"version": version}))

    def sweep(self, table: DeltaTable, as_of: str, let_go: Collection[str] = ()) -> int:
        """Remove files that are let go of, and those that killed publishers of this week left; the number of them."""
        needed = {name for receipt in self.versions(as_of) for name in receipt.files} | {*self.log.files(table, as_of)}
        idle = {f"{parts.folder(as_of)}/{name}" for name in self.place.idle(parts.folder(as_of))}
        gone = (idle | {*let_go}) - needed
        for name in gone:
            self.place.remove(name)
        return len(gone)

    def alone(self, as_of: str) -> Any:
        """Keep other publishers of a week out."""
        return self.place.alone(lock_of(as_of))

    def _write(self, rows: Iterator[pa.RecordBatch], as_of: str) -> tuple[Part, str]:
        """A file with these rows, durable and read back, and the hash of them."""
        content = Content()
        part = parts.write(self.place, as_of, content.of(rows))
        back = Content().taken(parts.read(self.place, [part.name], as_of))
        if back.digest != content.digest:
            self.place.remove(part.name)
            raise OSError(f"what was written to {part.name} is not what is read back")
        return part, content.digest

    def _content(self, table: DeltaTable, as_of: str) -> str | None:
        """The hash of the rows that stand; None where they cannot be read."""
        try:
            return Content().taken(parts.read(self.place, self.log.files(table, as_of), as_of)).digest
        except (OSError, pa.ArrowException):
            return None

    def _files(self, receipt: Receipt) -> Sequence[str]:
        """The files of a version: those in the table if it is what stands there, else those it came with."""
        table = self.log.table()
        stands = standing(table, receipt.as_of) if table else None
        if table is None or stands is None or stands < receipt.version:
            raise short(receipt, "the table does not know the commit")
        return self.log.files(table, receipt.as_of) if stands == receipt.version else receipt.files

    @contextmanager
    def _reaching(self, what: str) -> Iterator[None]:
        try:
            yield
        except (OSError, DeltaError, pa.ArrowException) as error:
            raise StagecastError(
                f"the score table cannot be {what}",
                got=f"{self.place.address}: {' '.join(str(error).split())[:300]}",
                remedy=_REMEDY[what],
            ) from error
