"""The small files of a store: the receipt of every version of every week, and documents kept beside the weeks."""

import json
import re
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError

from features.errors import DataError, UsageError
from serving.store.place import Place
from serving.store.receipt import Receipt, a_date

_RECEIPTS, _DOCUMENTS = "_receipts", "_documents"  # Delta's readers and its vacuum leave names with _ alone


class Receipts:
    """`_receipts/DATE/VERSION.json`: the newest of a date is what stands."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def weeks(self) -> list[str]:
        """Cut-offs that have a receipt, oldest first."""
        return [as_of for as_of in self._place.names(_RECEIPTS) if self.versions(as_of)]

    def versions(self, as_of: str) -> list[int]:
        """Versions of a week, oldest first."""
        names = self._place.names(f"{_RECEIPTS}/{as_of}")
        return [int(name.removesuffix(".json")) for name in names if re.fullmatch(r"[0-9]{20}\.json", name)]

    def get(self, as_of: str, version: int | None) -> Receipt | None:
        """The receipt of a version, or of the newest.

        Raises:
            DataError: it is damaged.
        """
        version = version if version is not None else max(self.versions(as_of), default=-1)
        found = self._place.read(_name(as_of, version))
        try:
            return None if found is None else Receipt.model_validate_json(found)
        except ValidationError:
            raise DataError(
                "the receipt of a week is damaged",
                got=f"{self._place.address}/{_name(as_of, version)}",
                remedy="remove that file and score the week again",
            ) from None

    def put(self, receipt: Receipt) -> None:
        """Keep a receipt, durably."""
        self._place.write(_name(receipt.as_of, receipt.version), receipt.model_dump_json(indent=1).encode())

    def drop(self, as_of: str, version: int) -> None:
        """Remove the receipt of a version."""
        self._place.remove(_name(as_of, version))


class Documents:
    """`_documents/KIND/DATE.json`."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def put(self, kind: str, as_of: str, document: dict[str, Any]) -> None:
        """Keep a document, durably."""
        self._place.write(_document(kind, as_of), json.dumps(document, allow_nan=False).encode())

    def get(self, kind: str, as_of: str) -> dict[str, Any] | None:
        """The document, or None."""
        found = self._place.read(_document(kind, as_of))
        return None if found is None else json.loads(found)

    def drop_before(self, as_of: str) -> None:
        """Remove the documents of all cut-offs before this one."""
        for kind, there in self._all():
            if there < as_of:
                self._place.remove(_document(kind, there))

    def forget(self, customers: Collection[str]) -> list[str]:
        """Remove what names a customer from every document; those that changed, as kind/cut-off."""
        changed = []
        for kind, as_of in self._all():
            document = self.get(kind, as_of)
            left = without(document, frozenset(customers))
            if left != document:
                self.put(kind, as_of, left)
                changed.append(f"{kind}/{as_of}")
        return changed

    def _all(self) -> list[tuple[str, str]]:
        kinds = self._place.names(_DOCUMENTS)
        return [
            (kind, name.removesuffix(".json")) for kind in kinds for name in self._place.names(f"{_DOCUMENTS}/{kind}")
        ]


def a_kind(kind: str) -> str:
    """The kind of a document, if it is a plain word: it becomes part of paths and of SQL. Raises `UsageError`."""
    if not re.fullmatch("[a-z]{1,40}", kind):
        raise UsageError("a kind of document is a word", got=repr(kind)[:80], allowed="letters a to z")
    return kind


def without(value: Any, customers: frozenset[str]) -> Any:
    """A JSON value without the entries that name a customer.

    An entry of a list goes if it is one of the ids or an object with one among
    its values; so does a key that is one; elsewhere an id becomes null.
    """
    if isinstance(value, list):
        return [without(entry, customers) for entry in value if not _names(entry, customers)]
    if isinstance(value, dict):
        return {key: without(entry, customers) for key, entry in value.items() if key not in customers}
    return None if isinstance(value, str) and value in customers else value


def _names(entry: Any, customers: frozenset[str]) -> bool:
    values = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else [entry]
    return any(isinstance(value, str) and value in customers for value in values)


def _name(as_of: str, version: int) -> str:
    return f"{_RECEIPTS}/{a_date(as_of)}/{version:020}.json"


def _document(kind: str, as_of: str) -> str:
    return f"{_DOCUMENTS}/{a_kind(kind)}/{a_date(as_of)}.json"
