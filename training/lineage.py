"""Where a run comes from: its orders and the snapshots that judged it, as MLflow datasets, and its code.

Two runs can be compared number by number exactly where they were judged on
the same snapshots; MLflow shows the judged dataset's digest beside each run.
"""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from mlflow.data.meta_dataset import MetaDataset
from mlflow.data.sources import LocalArtifactDatasetSource  # type: ignore[attr-defined]  # made at run time

from features.clock import to_date
from features.stages.spec import StageSpec

_DIGEST = 32
"""MLflow takes digests of up to 36 characters."""


@dataclass(frozen=True)
class Source:
    """Where the orders came from.

    Attributes:
        name: file or table, as the user gave it.
        digest: of the clean orders that were used.
        lines: order lines used.
        customers: customers among them.
        until: cut-off that was asked for, YYYY-MM-DD: only orders before it were used.
    """

    name: str
    digest: str
    lines: int
    customers: int
    until: str = ""

    def __str__(self) -> str:
        return f"{self.lines:,} order lines of {self.customers:,} customers"


class Counted(MetaDataset):
    """A dataset known by its digest and counts: MLflow's own takes a minute to look at a million rows."""

    def __init__(self, source: Source, name: str, digest: str, counts: dict[str, int]) -> None:
        self._counts = counts
        super().__init__(LocalArtifactDatasetSource(source.name), name, digest[:_DIGEST])

    @property
    def profile(self) -> dict[str, int]:
        """How much there is of what."""
        return self._counts

    def to_dict(self) -> dict[str, str]:
        """What MLflow keeps."""
        return super().to_dict() | {"profile": json.dumps(self._counts)}


def learnt_from(source: Source, end: int) -> Counted:
    """The orders before the tick `end`."""
    counts = {"num_rows": source.lines, "customers": source.customers}
    return Counted(source, f"orders before {to_date(end)}", source.digest, counts)


def judged_on(source: Source, spec: StageSpec, cutoffs: Sequence[int], snapshots: int) -> Counted:
    """The snapshots that judge: the same digest means the same customers, cut-offs, period and stages.

    Args:
        source: of the orders.
        spec: the stage spec of the labels; its hold is the period.
        cutoffs: ticks that judge.
        snapshots: how many there are.
    """
    days = [str(to_date(cutoff)) for cutoff in cutoffs]
    digest = sha256(json.dumps([source.digest, spec.hash, days]).encode()).hexdigest()
    span = days[0] if len(days) == 1 else f"{days[0]} ... {days[-1]}"
    return Counted(source, f"judged at {span}", digest, {"num_rows": snapshots, "cut_offs": len(days)})


def of_code() -> dict[str, str]:
    """Tags that say which code ran: the version, and the commit of a checkout (`-dirty`: with changes of its own)."""
    tags = {"stagecast_version": version("stagecast")}
    if commit := _commit(Path(__file__)):
        tags["git_commit"] = commit
    return tags


def _commit(file: Path) -> str | None:
    """The commit that a file belongs to; an installed copy inside somebody's repository belongs to none."""
    if not _git(file, "ls-files", "--error-unmatch", file.name):
        return None
    return _git(file, "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")


def _git(file: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(file.parent), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
