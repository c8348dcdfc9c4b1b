"""Weeks in the table: which files are a version, and how a written file becomes one."""

from collections.abc import Collection, Sequence
from typing import Any

from deltalake import DeltaTable

from features.errors import BusyError
from serving.store.delta import parts
from serving.store.delta.log import Log, Part, lock_of, standing
from serving.store.papers import Receipts
from serving.store.place import Place
from serving.store.protocol import short
from serving.store.receipt import Receipt, a_date

_NOTE = "stagecast.receipt"


class Weeks:
    """The log of a table and the receipts of its weeks, kept in step."""

    def __init__(self, place: Place) -> None:
        self.place, self.log, self.receipts = place, Log(place), Receipts(place)

    def versions(self, as_of: str) -> list[Receipt]:
        """The receipts of a week, oldest first."""
        found = (self.receipts.get(as_of, version) for version in self.receipts.versions(a_date(as_of)))
        return [receipt for receipt in found if receipt]

    def files(self, receipt: Receipt) -> Sequence[str]:
        """The files of a version: those in the table if it is what stands there, else those it came with.

        Raises:
            DataError: the table does not know the version.
        """
        table = self.log.table()
        stands = standing(table, receipt.as_of) if table else None
        if table is None or stands is None or stands < receipt.version:
            raise short(receipt, "the table does not know the commit")
        return self.log.files(table, receipt.as_of) if stands == receipt.version else receipt.files

    def replace(self, table: DeltaTable, part: Part, receipt: Receipt) -> Receipt:
        """Let a written file be its week: commit, look at what stands then, leave the receipt."""
        receipt = receipt.model_copy(update={"files": (part.name,)})
        try:
            version = self.log.commit(table, receipt.as_of, [part], {_NOTE: receipt.model_dump_json()})
        except BusyError:
            self.place.remove(part.name)
            raise
        receipt = receipt.model_copy(update={"version": version})
        if self.files(receipt) != [part.name]:
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
