"""Lessons: what each booster learns from and is judged on in each fold, binned once and used by every trial.

LightGBM sees one table, binned by the rows that the oldest fold learns from, so
that no later row has a say in it; a lesson is some of its rows. The raw
features are let go. A lesson can be put down in a folder of plain arrays, from
which worker processes take it up again.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import lightgbm as lgb
import numpy as np

from features.errors import DataError
from features.fixed import Floats, Ints
from training.fit import Part, parts_of
from training.splits import Split
from training.table import Table

BINNING = {"verbosity": -1, "feature_pre_filter": False}
"""Trials differ in `min_data_in_leaf`, so no feature may be dropped for one value of it."""


@dataclass(frozen=True)
class Rows:
    """Some rows of the table, ascending, with the outcome of each."""

    place: Ints
    truth: Floats


@dataclass(frozen=True)
class Lesson:
    """What one booster learns in one fold.

    Attributes:
        part: part of the model.
        fold: number of the fold, the newest is 0.
        fit: rows it learns from.
        calibrate: later rows that tell the level.
        judge: still later rows.
        level: where the booster begins on each row of `fit`, as log odds; empty where it finds that out itself.
        usual: mean over cut-offs of that level.
    """

    part: str
    fold: int
    fit: Rows
    calibrate: Rows
    judge: Rows
    level: Floats
    usual: float


@dataclass(frozen=True)
class Sets:
    """The rows of a lesson as LightGBM holds them."""

    fit: lgb.Dataset
    calibrate: lgb.Dataset
    judge: lgb.Dataset


@dataclass(frozen=True)
class Lessons:
    """All lessons, and the binned table whose rows they are."""

    binned: lgb.Dataset
    lessons: list[Lesson]

    @classmethod
    def of(cls, table: Table, folds: list[Split], targets: tuple[str, ...], fewest: int) -> Self:
        """Lessons of a table that holds the cut-offs of all folds.

        A part of a fold whose outcomes are too few, on either side, is left out.

        Args:
            table: snapshots with features and labels.
            folds: the newest first.
            targets: parts of the model.
            fewest: fewest outcomes of the rarer kind.

        Raises:
            DataError: nothing is left.
        """
        parts = {name: part for name, part in parts_of(table).items() if name in targets}
        cutoff = table.snapshots.cutoff
        found = [_lesson(name, parts[name], k, fold, cutoff) for k, fold in enumerate(folds) for name in parts]
        enough = [one for one in found if _enough(one, fewest)]
        if not enough:
            raise DataError(
                "too few outcomes to tell good parameters from bad ones",
                got=f"{len(table.snapshots)} snapshots",
                allowed=f"at least {fewest} outcomes of each kind at the cut-offs that judge",
                remedy="give more orders; the default parameters need no tuning",
            )
        oldest = np.isin(cutoff, folds[-1].fit)
        by_the_past = lgb.Dataset(table.features.loc[oldest], params=BINNING).construct()
        return cls(lgb.Dataset(table.features, reference=by_the_past, params=BINNING).construct(), enough)

    @cached_property
    def sets(self) -> list[Sets]:
        """The rows of each lesson, in their order: copied out of the table once."""
        return [
            Sets(self._fit(lesson), self._some(lesson.calibrate), self._some(lesson.judge)) for lesson in self.lessons
        ]

    def save(self, folder: Path) -> None:
        """Put the lessons down in a folder."""
        self.binned.save_binary(folder / "binned.bin")
        kept = [{"part": one.part, "fold": one.fold, "usual": one.usual} for one in self.lessons]
        (folder / "lessons.json").write_text(json.dumps(kept), encoding="utf-8")
        for k, one in enumerate(self.lessons):
            rows = {f"{name}_{field}": getattr(getattr(one, name), field) for name in _ROLES for field in _FIELDS}
            np.savez(folder / f"{k}.npz", level=one.level, **rows)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Take the lessons up from a folder that `save` filled."""
        kept = json.loads((folder / "lessons.json").read_text(encoding="utf-8"))
        return cls(
            lgb.Dataset(str(folder / "binned.bin"), params=BINNING).construct(),
            [_loaded(facts, folder / f"{k}.npz") for k, facts in enumerate(kept)],
        )

    def _fit(self, lesson: Lesson) -> lgb.Dataset:
        data = self._some(lesson.fit)
        return data.set_init_score(lesson.level) if len(lesson.level) else data

    def _some(self, rows: Rows) -> lgb.Dataset:
        return self.binned.subset(rows.place.tolist()).construct().set_label(rows.truth)


_ROLES, _FIELDS = ("fit", "calibrate", "judge"), ("place", "truth")


def _loaded(facts: dict[str, object], path: Path) -> Lesson:
    with np.load(path) as held:
        rows = {name: Rows(*(held[f"{name}_{field}"] for field in _FIELDS)) for name in _ROLES}
        return Lesson(
            str(facts["part"]), int(str(facts["fold"])), **rows, level=held["level"], usual=float(str(facts["usual"]))
        )


def _lesson(name: str, part: Part, number: int, fold: Split, cutoff: Ints) -> Lesson:
    """The rows of a part at the cut-offs of a fold."""
    place = np.flatnonzero(part.rows)
    at = cutoff[place]

    def rows(cutoffs: list[int]) -> Rows:
        inside = np.isin(at, cutoffs)
        return Rows(place[inside], part.target[inside])

    fit = np.isin(at, fold.fit)
    level = np.empty(0) if part.level is None else part.level[fit]
    usual = float(level[np.unique(at[fit], return_index=True)[1]].mean()) if len(level) else 0.0
    return Lesson(name, number, rows(fold.fit), rows(fold.calibrate), rows(fold.judge), level, usual)


def _enough(lesson: Lesson, fewest: int) -> bool:
    """Whether there are outcomes of more than one kind to learn from and to judge on."""
    if lesson.part == "spend":
        return min(int((lesson.fit.truth > 0).sum()), int((lesson.judge.truth > 0).sum())) >= fewest
    return all(
        np.sort(np.unique(rows.truth, return_counts=True)[1])[::-1][1:2].sum() >= fewest
        for rows in (lesson.fit, lesson.judge)
    )
