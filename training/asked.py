"""Training tables, asked of the parts of a log: each part makes its rows, and files bring them together."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from features.feature import Feature
from features.files import handed_over
from features.past import Snapshots
from features.sets.declared import FeatureSet
from features.sets.features import features_of
from features.stages.machine import StageState
from features.stages.spec import StageSpec
from training.labels import Labels
from training.money import Later, later_of
from training.parts import Parts
from training.table import Table

Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Asked:
    """Which table is wanted; plain data, so that it can be asked for elsewhere.

    Attributes:
        cutoffs: ticks.
        share: of all customers, drawn by their ids.
        spec: the frozen stage spec.
        declared: the feature set.
        names: features of it, in this order.
        end: tick up to which orders are known.
        days: of a long window whose outcome is wanted, too; 0 for none.
    """

    cutoffs: Sequence[int]
    share: float
    spec: StageSpec
    declared: FeatureSet
    names: Sequence[str]
    end: int
    days: int = 0

    def features(self, has: frozenset[str]) -> list[Feature]:
        """The features, of orders that have these optional columns."""
        offered = {feature.name: feature for feature in features_of(self.declared, has)}
        return [offered[name] for name in self.names]


@dataclass(frozen=True)
class Rows:
    """Rows of a table, and what came of them in a long window, if that was asked for."""

    table: Table
    later: Later | None


@dataclass(frozen=True)
class Maker:
    """Makes the rows of one part after the other.

    Attributes:
        parts: of the log.
        firsts: how many customers there are in the parts before each.
        asked: which table.
        folder: where the rows are put; None where they are given back.
        threads: for the features; 0 for one on each core.
    """

    parts: Parts[Any]
    firsts: Sequence[int]
    asked: Asked
    folder: Path | None = None
    threads: int = 0

    def __call__(self, number: int) -> Rows | Path | None:
        """The rows of a part, or the file they are in; None where it has none."""
        some = self.parts.some(number, self.asked.share)
        if some is None:
            return None
        asked, history = self.asked, some.history
        snapshots = Snapshots.of(history, asked.cutoffs)
        snapshots = snapshots if some.drawn is None else snapshots.only(some.drawn)
        features = asked.features(self.parts.has)
        table = Table.of(history, snapshots, asked.spec, features, asked.end, threads=self.threads)
        places = Snapshots(some.places[snapshots.customer] + self.firsts[number], snapshots.cutoff)
        later = later_of(history, snapshots, asked.days) if asked.days else None
        rows = Rows(replace(table, snapshots=places), later)
        return rows if self.folder is None else _written(rows, self.folder / f"{number:05}.rows")


def brought_together(found: Sequence[Rows | Path], has: frozenset[str]) -> Rows:
    """All rows that were made, part after part; what lay in files, from these."""
    if len(found) == 1 and isinstance(found[0], Rows):
        return found[0]
    parts = [_read(one) if isinstance(one, Path) else _columns(one) for one in found]
    columns = {name: np.concatenate([part.pop(name) for part in parts]) for name in list(parts[0])}
    features, facts = (pd.DataFrame(_group(columns, name)) for name in ("feature", "fact"))
    snapshots, now = Snapshots(**_group(columns, "at")), StageState(**_group(columns, "now"))
    table = Table(snapshots, features, facts, now, Labels(**_group(columns, "label")), has)
    later = _group(columns, "later")
    return Rows(table, Later(**later) if later else None)


def _columns(rows: Rows) -> Columns:
    table = rows.table
    groups: dict[str, Columns] = {
        "at": _fields(table.snapshots),
        "feature": {str(name): column.to_numpy() for name, column in table.features.items()},
        "fact": {str(name): column.to_numpy() for name, column in table.facts.items()},
        "now": _fields(table.now),
        "label": _fields(table.labels),
        "later": _fields(rows.later) if rows.later else {},
    }
    return {f"{group}.{name}": column for group, columns in groups.items() for name, column in columns.items()}


def _fields(of: Any) -> Columns:
    return {field.name: getattr(of, field.name) for field in fields(of)}


def _group(columns: Columns, group: str) -> Columns:
    return {name.removeprefix(f"{group}."): column for name, column in columns.items() if name.startswith(f"{group}.")}


def _written(rows: Rows, file: Path) -> Path:
    table = pa.table({name: pa.array(column) for name, column in _columns(rows).items()})
    with handed_over(file) as out, pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return file


def _read(file: Path) -> Columns:
    with pa.memory_map(str(file)) as source:
        table = pa.ipc.open_file(source).read_all()
    return {name: np.array(table[name]) for name in table.column_names}
