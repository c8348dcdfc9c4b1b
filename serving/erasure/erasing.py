"""Take a customer out of a store and of the files kept beside it, then look everywhere again."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pydantic import Field

from features.errors import StagecastError
from features.strict import Strict
from serving.erasure.remove import remove
from serving.erasure.trace import trace
from serving.erasure.who import Who
from serving.job.bench import sweep
from serving.store import Forgotten, Store

_TABLES_OWN = ("_delta_log", "_receipts", "_documents", "_locks", "_work")
"""What the score table answers for itself in its folder."""


class Erased(Strict):
    """What was done to forget a customer, and what a search afterwards found; it names nobody.

    Attributes:
        store: what the score table removed.
        changed: files out of which the customer was taken.
        unfinished: weeks whose unfinished work was thrown away.
        weeks: published weeks that were read again, row by row.
        files: files that were searched again.
        size: bytes in them.
        left: what still names the customer, and where.
    """

    store: Forgotten
    changed: list[str] = Field(default_factory=list)
    unfinished: list[str] = Field(default_factory=list)
    weeks: int = 0
    files: int = 0
    size: int = 0
    left: list[str] = Field(default_factory=list)


@dataclass(frozen=True)
class Kept:
    """Where scores and what was made of them are kept.

    Attributes:
        store: the score table.
        folder: the folder it lies in, if it is one.
        work: folder of its unfinished work.
        others: other files and folders: quarantine, artifacts, exports, backtests.
    """

    store: Store
    folder: Path | None
    work: Path
    others: Sequence[Path]


def erase(who: Who, kept: Kept) -> Erased:
    """Forget a customer, and prove it.

    The score table forgets first: every week, every version that was replaced,
    every document. Unfinished work is thrown away; the next job makes it anew.
    Every other file that names the customer is rewritten without, and what
    cannot be is told. Then all weeks and all files are searched once more.

    Raises:
        StagecastError: something cannot be read or written; running it again goes on.
        BusyError: a week is being published.
    """
    try:
        forgotten = kept.store.forget([who.customer])
        unfinished = sweep(kept.work)
        changed = [str(path) for path in _outside(kept) if _taken_out(path, who)]
    except (OSError, pa.ArrowException) as error:
        raise StagecastError(
            "the customer could not be taken out of everything", got=error, remedy="mend that, and run it again"
        ) from error
    weeks, in_table = _read_again(who, kept.store)
    files = list(_all(kept))
    in_files = [f"{path}: {where}" for path in files if (where := trace(path, who))]
    return Erased(
        store=forgotten,
        changed=changed,
        unfinished=unfinished,
        weeks=weeks,
        files=len(files),
        size=sum(path.stat().st_size for path in files),
        left=[*in_table, *in_files],
    )


def _taken_out(path: Path, who: Who) -> bool:
    """Whether a file named the customer; then it does no more, or cannot be cleared and is told later."""
    if not trace(path, who):
        return False
    with suppress(UnicodeDecodeError, ValueError):  # what it is named after it is not: left, and found by the search
        remove(path, who)
    return True


def _read_again(who: Who, store: Store) -> tuple[int, list[str]]:
    """How many versions of weeks were read, and those that still have a row of the customer."""
    left, number = [], 0
    for as_of in store.weeks():
        for receipt in store.versions(as_of):
            number += 1
            batches = store.read(as_of, ["customer_id"], receipt.version)
            if any(who.customer in batch.column(0).to_pylist() for batch in batches):
                left.append(f"{as_of}, version {receipt.version}: a row")
    return number, left


def _outside(kept: Kept) -> Iterator[Path]:
    """Files that the score table does not answer for: those of other folders, and pages beside it."""
    yield from _below(kept.others)
    if kept.folder:
        yield from (path for path in _below([kept.folder]) if not _of_table(path.relative_to(kept.folder)))


def _of_table(inside: Path) -> bool:
    return inside.parts[0] in _TABLES_OWN or inside.parts[0].startswith("as_of=")


def _all(kept: Kept) -> Iterator[Path]:
    yield from sorted({*_below([*([kept.folder] if kept.folder else []), kept.work, *kept.others])})


def _below(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        yield from sorted(path for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file())
