"""What every store of scores can do."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import pyarrow as pa
from pydantic import BaseModel, Field, ValidationError

from features.errors import DataError
from features.strict import Strict
from serving.store.receipt import Published, Receipt, Stamp

Document = TypeVar("Document", bound=BaseModel)


class Retention(Strict):
    """What `tidy` keeps.

    Attributes:
        keep_weeks: newest published weeks that stay; None keeps all.
        keep_days: days for which a week that was replaced can still be read by its version.
    """

    keep_weeks: int | None = Field(default=None, ge=1)
    keep_days: int = Field(default=30, ge=0)


class Tidied(Strict):
    """What `tidy` removed: weeks by cut-off, versions that can no longer be read, files or rows of scores."""

    weeks: list[str]
    versions: int
    removed: int


class Forgotten(Strict):
    """What `forget` removed.

    Attributes:
        rows: rows of the customers, by cut-off.
        versions: replaced versions that can no longer be read, since they may have held one.
        documents: documents that named one, as kind/cut-off.
    """

    rows: dict[str, int]
    versions: int
    documents: list[str]


class Store(Protocol):
    """A table of scores, published week by week.

    Cut-offs are YYYY-MM-DD; anything else is a `UsageError`. A store that
    cannot be reached, read or written is a `StagecastError`.
    """

    def publish(self, rows: Iterable[pa.RecordBatch], stamp: Stamp) -> Published:
        """Put a week in its place, whole: readers see the old week or the new one, never a mixture.

        The same rows again change nothing (`new` is False, the receipt is the old one).

        Args:
            rows: batches of `serving.contract.SCHEMA`, all of the stamp's cut-off, ids strictly ascending
                (by code point) over all batches. They are streamed: one batch is in memory at a time.
            stamp: who scored, and when.

        Raises:
            DataError: the rows break the contract; nothing was published.
            BusyError: somebody else is publishing the week; the same call may succeed later.
            StagecastError: they cannot be written; what stood there still does.
        """

    def weeks(self) -> list[str]:
        """Published cut-offs, oldest first."""

    def receipt(self, as_of: str, version: int | None = None) -> Receipt | None:
        """The receipt of a week, or of one of its versions; None where there is none."""

    def read(
        self, as_of: str, columns: Sequence[str] | None = None, version: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows of a week in ascending order of the ids, streamed; all columns, or those named in their order.

        Raises:
            DataError: there is no such week or version, or its rows are not those of its receipt.
        """

    def versions(self, as_of: str) -> list[Receipt]:
        """Every version of a week that can still be read, oldest first; the last is what stands."""

    def keep(self, kind: str, as_of: str, document: dict[str, Any]) -> None:
        """Keep a small JSON document beside a week, whole or not at all; `kind` is a word of a to z."""

    def kept(self, kind: str, as_of: str) -> dict[str, Any] | None:
        """The document of this kind, or None."""

    def tidy(self, retention: Retention) -> Tidied:
        """Compact what is stored and let go of what need not be kept."""

    def forget(self, customers: Collection[str]) -> Forgotten:
        """Remove customers from every week, every old version and every document kept."""


def table(store: Store, as_of: str, columns: Sequence[str] | None = None, version: int | None = None) -> pa.Table:
    """A week in one piece. Arguments and errors are those of `Store.read`."""
    return pa.Table.from_batches(store.read(as_of, columns, version))


def document(store: Store, kind: str, as_of: str, shape: type[Document]) -> Document | None:
    """A document kept beside a week; None where there is none, or one of another shape, by another version."""
    kept = store.kept(kind, as_of)
    try:
        return None if kept is None else shape.model_validate(kept)
    except ValidationError:
        return None


def known(receipts: Sequence[Receipt], as_of: str, version: int | None) -> Receipt:
    """The receipt of a version, or the last. Raises `DataError` where there is none."""
    for receipt in reversed(receipts):
        if version in (None, receipt.version):
            return receipt
    raise DataError(
        "there are no such scores",
        got=as_of if version is None else f"{as_of}, version {version}",
        allowed=", ".join(f"version {one.version}" for one in receipts) or None,
        remedy="score that week first, or look into another store",
    )


def short(receipt: Receipt, fault: str) -> DataError:
    """That the rows of a week are not those of its receipt."""
    return DataError(
        "the scores of a week are not what its receipt says",
        got=f"{receipt.as_of}, version {receipt.version}: {fault}",
        remedy="score the week again",
    )
