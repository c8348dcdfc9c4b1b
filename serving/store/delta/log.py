"""The log of the Delta table: what it is made of, and one commit after the other."""

import json
import logging
import re
import time
from dataclasses import dataclass

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.transaction import AddAction

from features.errors import BusyError, StagecastError
from serving.contract import ALWAYS, PROBABILITIES, SCHEMA
from serving.store.place import Place

_log = logging.getLogger(__name__)
LOG = "_delta_log"
_BY = "as_of"
_CHECKS = {f"{name}_in_0_1": f"{name} >= 0 AND {name} <= 1" for name in PROBABILITIES}
_SETTINGS = {
    "delta.dataSkippingNumIndexedCols": "0"  # or the log would name the first and the last customer of each file
}
_RETENTION = ("delta.logRetentionDuration", "delta.deletedFileRetentionDuration")
_PATIENCE = 60.0  # seconds that making the table may take another
_NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)  # `tidy` does, durably
_STAGED = re.compile(r"(?P<version>\d{20})\..+#\d+")  # written beside its place, and killed before it was moved there


@dataclass(frozen=True)
class Part:
    """A file of a week, written and not yet part of the table: its name in the store, its rows and bytes."""

    name: str
    rows: int
    size: int


class Log:
    """The table's log in a place."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def table(self) -> DeltaTable | None:
        """The table as it stands; None where there is none."""
        try:
            return DeltaTable(self._place.address, storage_options=self._place.options)
        except TableNotFoundError:
            return None

    def stands(self) -> bool:
        """Whether there is a table, sound or not."""
        return bool(self._place.names(LOG))

    def ready(self) -> DeltaTable:
        """The table to write to: mended where the power went in the middle of a commit, made where there is none.

        Raises:
            StagecastError: the table has other columns than the contract.
        """
        self.mend()
        table = self.table()
        if table is None:
            with self._place.alone(lock_of("table"), _PATIENCE):
                table = self.table() or self._create()
        _require_columns(table)
        if not _guarded(table):
            with self._place.alone(lock_of("table"), _PATIENCE):
                table.update_incremental()
                self._guard(table)
        return table

    def commit(self, table: DeltaTable, as_of: str, parts: list[Part], note: dict[str, str]) -> int:
        """Let these files be the week, in one step; the version that brought it.

        The version is kept as the week's application transaction, which
        outlives checkpoints and clean-ups of the log. Of other weeks anybody
        may have written meanwhile: then the next version is tried.

        Raises:
            BusyError: somebody else has published the week since the table was looked at.
        """
        before = standing(table, as_of)
        while not self._committed(table, version := table.version() + 1, (as_of, parts, note)):
            if standing(table, as_of) != before:
                raise BusyError(
                    "another job published the week meanwhile",
                    got=f"{as_of} in {self._place.address}",
                    remedy="look whether it is what you want; if not, score again",
                )
        self._place.settle(f"{LOG}/{version:020}.json")
        table.update_incremental()
        return version

    def _committed(self, table: DeltaTable, version: int, what: tuple[str, list[Part], dict[str, str]]) -> bool:
        """Whether a version could be put into the log; if somebody else's is there, the table is brought up to it."""
        as_of, parts, note = what
        try:
            table.create_write_transaction(
                [_add(part, as_of) for part in parts],
                mode="overwrite",
                schema=table.schema(),
                partition_by=[_BY],
                partition_filters=[(_BY, "=", as_of)],
                commit_properties=CommitProperties(note, 0, [Transaction(as_of, version)]),
                post_commithook_properties=_NO_HOOKS,
            )
        except CommitFailedError:
            table.update_incremental()
            if table.version() < version:
                raise
            return False
        return True

    def files(self, table: DeltaTable, as_of: str) -> list[str]:
        """Names in the store of the files of a week."""
        adds = pa.table(table.get_add_actions(flatten=True)).select(["path", f"partition.{_BY}"]).to_pylist()
        return sorted(add["path"] for add in adds if str(add[f"partition.{_BY}"]) == as_of)

    def note(self, table: DeltaTable, version: int, key: str) -> str | None:
        """What was noted with a commit, unless the log is too short by now."""
        for commit in table.history(table.version() - version + 1):
            if commit.get("version") == version:
                return commit.get(key)
        return None

    def mend(self) -> None:
        """Remove the newest commit if it is cut short, and say so.

        After a power cut it may be empty or torn. Nobody was told that it is
        done: before that, it is made durable. An empty one would pass for a
        commit without changes, a torn one makes the table unreadable.
        """
        names = [name for name in self._place.names(LOG) if name.endswith(".json") and name[:20].isdigit()]
        if names and not _whole(self._place.read(f"{LOG}/{names[-1]}") or b""):
            _log.warning("The last commit of %s was cut short and is removed: %s", self._place.address, names[-1])
            self._place.remove(f"{LOG}/{names[-1]}")

    def compact(self, keep_days: int) -> None:
        """Put all entries of the log into a checkpoint, and let go of those that are older than so many days."""
        table = self.ready()
        wanted = dict.fromkeys(_RETENTION, f"interval {keep_days} days")
        if not wanted.items() <= table.metadata().configuration.items():
            table.alter.set_table_properties(wanted)
            self._place.settle(f"{LOG}/{table.version():020}.json")
        table.create_checkpoint()
        for name in (name for name in self._place.names(LOG) if "checkpoint" in name):
            self._place.settle(f"{LOG}/{name}")
        table.cleanup_metadata()
        for name in self._place.names(LOG):
            if (staged := _STAGED.match(name)) and int(staged["version"]) < table.version():
                self._place.remove(f"{LOG}/{name}")

    def _create(self) -> DeltaTable:
        table = DeltaTable.create(
            self._place.address,
            _delta(SCHEMA),
            mode="ignore",
            partition_by=[_BY],
            name="scores",
            description="stagecast: one row for each known customer and cut-off",
            configuration=_SETTINGS,
            storage_options=self._place.options,
        )
        self._place.settle(f"{LOG}/{0:020}.json")
        self._place.settle(LOG)
        return table

    def _guard(self, table: DeltaTable) -> None:
        """Checks that hold other writers too; what we write is checked as it streams by."""
        if not _guarded(table):
            table.alter.add_constraint(_CHECKS, post_commithook_properties=_NO_HOOKS)
            self._place.settle(f"{LOG}/{table.version():020}.json")


def lock_of(week: str) -> str:
    """The lock of a week, or of the table."""
    return f"_locks/{week}.lock"


def standing(table: DeltaTable, as_of: str) -> int | None:
    """The version that brought a week as it stands in the table; None where it does not."""
    return table.transaction_version(as_of)


def _require_columns(table: DeltaTable) -> None:
    there = {field.name: field.type for field in table.schema().fields}
    ours = {field.name: field.type for field in Schema.from_arrow(_delta(SCHEMA)).fields}
    if there != ours:
        raise StagecastError(
            "the score table has other columns than this version of stagecast writes",
            got=", ".join(sorted(name for name in {*there, *ours} if there.get(name) != ours.get(name))),
            remedy="publish to a new folder, or alter the table",
        )


def _guarded(table: DeltaTable) -> bool:
    return {f"delta.constraints.{name}" for name in _CHECKS} <= set(table.metadata().configuration)


def _delta(schema: pa.Schema) -> pa.Schema:
    """The contract's columns in the types that Delta has."""

    def field(one: pa.Field) -> pa.Field:
        kind = pa.string() if pa.types.is_dictionary(one.type) else one.type
        return pa.field(
            one.name, pa.timestamp("us") if pa.types.is_timestamp(kind) else kind, one.name not in ALWAYS, one.metadata
        )

    return pa.schema([field(one) for one in schema])


def _add(part: Part, as_of: str) -> AddAction:
    now, stats = int(time.time() * 1000), json.dumps({"numRecords": part.rows})
    return AddAction(part.name, part.size, {_BY: as_of}, now, data_change=True, stats=stats)


def _whole(commit: bytes) -> bool:
    try:
        return bool([json.loads(line) for line in commit.splitlines()])
    except ValueError:
        return False
