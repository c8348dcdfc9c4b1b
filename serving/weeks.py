"""The weeks that stand in a folder of scores, and the stage spec of each."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from serving.writer import FILE


@dataclass(frozen=True)
class Week:
    """A published week: its cut-off, and the hash of the stage spec its stages follow."""

    as_of: str
    spec_hash: str


def unlike(out: Path, as_of: str, spec_hash: str) -> Week | None:
    """The newest week in a folder besides `as_of`, if its stages follow another spec than `spec_hash`.

    One row of one column is read. A week that cannot be read is no reason to
    stop a scorer, nor to compare anything with it.
    """
    parts = (path for path in out.glob(f"as_of=*/{FILE}") if path.parent.name != f"as_of={as_of}")
    newest = max(parts, key=lambda path: path.parent.name, default=None)
    week = _read(newest) if newest else None
    return week if week and week.spec_hash != spec_hash else None


def _read(path: Path) -> Week | None:
    try:
        with pq.ParquetFile(path) as file:
            first = next((batch["spec_hash"] for batch in file.iter_batches(1, columns=["spec_hash"])), None)
    except (pa.ArrowException, OSError, KeyError):
        return None
    return Week(path.parent.name.removeprefix("as_of="), str(first[0])) if first is not None else None
