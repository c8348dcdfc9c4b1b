"""Lessons: what each booster learns from and is judged on in each fold, binned once and used by every trial.

LightGBM sees one table, binned by the rows that the oldest fold learns from, so
that no later row has a say in it; a lesson is some of its rows. The raw
features are let go. A lesson can be put down in a folder of plain arrays, from
which worker processes take it up again.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import lightgbm as lgb
import numpy as np

from features.errors import DataError
from features.fixed import Floats, Ints
from features.model.waiting import Waiting
from features.stages.moves import Booleans, legal_moves
from training.fit import Part, begin, parts_of
from training.season import fit_seasons
from training.splits import Split
from training.table import Table
from training.waiting import expected_orders, fit_waiting

BINNING = {"verbosity": -1, "feature_pre_filter": False}
"""Trials differ in `min_data_in_leaf`, so no feature may be dropped for one value of it."""


@dataclass(frozen=True)
class Rows:
    """Some rows of the table, ascending.

    Attributes:
        place: in the table.
        truth: the outcome of each.
        plain: log odds that MBG/NBD gives an order; 0 where it has no say.
        season: what its cut-off adds to the log odds of an order; 0 where no season is known.
    """

    place: Ints
    truth: Floats
    plain: Floats
    season: Floats


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
        usual: log odds to put back for it at later cut-offs.
        beside: whether MBG/NBD has a say in what is forecast.
        legal: for `otherwise` which moves each row of `judge` may make, shape (n, 4); empty for other parts.
    """

    part: str
    fold: int
    fit: Rows
    calibrate: Rows
    judge: Rows
    level: Floats
    usual: float
    beside: bool
    legal: Booleans


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
    def of(  # noqa: PLR0913, PLR0917 - rows, what they are for, and how many are enough
        cls,
        table: Table,
        folds: list[Split],
        days: int,
        targets: tuple[str, ...],
        fewest: int,
        years: Sequence[Table | None] = (),
    ) -> Self:
        """Lessons of a table that holds the cut-offs of all folds.

        A part of a fold whose outcomes are too few, on either side, is left out.

        Args:
            table: snapshots with features and labels.
            folds: the newest first.
            days: of a period.
            targets: parts of the model.
            fewest: fewest outcomes of the rarer kind.
            years: fold by fold the past year, which tells the seasons; without it there are none.

        Raises:
            DataError: nothing is left.
        """
        parts = {name: part for name, part in parts_of(table).items() if name in targets}
        of_fold = zip(folds, years or [None] * len(folds), strict=True)
        every = [_Fold(k, fold, table, days, year) for k, (fold, year) in enumerate(of_fold)]
        found = [fold.lesson(name, part) for fold in every for name, part in parts.items()]
        enough = [one for one in found if _enough(one, fewest)]
        if not enough:
            raise DataError(
                "too few outcomes to tell good parameters from bad ones",
                got=f"{len(table.snapshots)} snapshots",
                allowed=f"at least {fewest} outcomes of each kind at the cut-offs that judge",
                remedy="give more orders; the default parameters need no tuning",
            )
        oldest = np.isin(table.snapshots.cutoff, folds[-1].fit)
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
        kept = [{name: getattr(one, name) for name in _PLAIN} for one in self.lessons]
        (folder / "lessons.json").write_text(json.dumps(kept), encoding="utf-8")
        for k, one in enumerate(self.lessons):
            rows = {f"{name}_{field}": getattr(getattr(one, name), field) for name in _ROLES for field in _FIELDS}
            np.savez(folder / f"{k}.npz", level=one.level, legal=one.legal, **rows)

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


_ROLES, _FIELDS = ("fit", "calibrate", "judge"), ("place", "truth", "plain", "season")
_PLAIN = ("part", "fold", "usual", "beside")


def _loaded(facts: dict[str, Any], path: Path) -> Lesson:
    with np.load(path) as held:
        fit, newest, later = (Rows(*(held[f"{name}_{field}"] for field in _FIELDS)) for name in _ROLES)
        return Lesson(fit=fit, calibrate=newest, judge=later, level=held["level"], legal=held["legal"], **facts)


@dataclass(frozen=True)
class _Fold:
    """Makes the lessons of a fold."""

    number: int
    cutoffs: Split
    table: Table
    days: int
    year: Table | None

    def lesson(self, name: str, part: Part) -> Lesson:
        """The rows of a part at the cut-offs of the fold."""
        fit, newest, later = (self._rows(part, getattr(self.cutoffs, role)) for role in _ROLES)
        level, usual, beside = np.empty(0), 0.0, False
        if name == "order":
            beside = self._expected is not None
            at = self.table.snapshots.cutoff[fit.place]
            level, usual = begin(at, fit.truth > 0, fit.plain if beside else None)
        legal = self._legal(later.place if name == "otherwise" else later.place[:0])
        return Lesson(name, self.number, fit, newest, later, level, usual, beside, legal)

    def _legal(self, place: Ints) -> Booleans:
        return legal_moves(self.table.now.stage[place], self.table.reached_formative[place])

    def _rows(self, part: Part, cutoffs: list[int]) -> Rows:
        inside = np.isin(self.table.snapshots.cutoff, cutoffs)
        place = np.flatnonzero(part.rows & inside)
        plain = np.zeros(len(self.table)) if self._expected is None else self._expected
        return Rows(place, part.target[inside[part.rows]], plain[place], self._season[place])

    @cached_property
    def _expected(self) -> Floats | None:
        """Log odds of an order by MBG/NBD as it was known at the newest cut-off that calibrates."""
        return expected_orders(self.table, self._waiting, self.days)

    @cached_property
    def _season(self) -> Floats:
        seasons = fit_seasons(self.year, self._waiting, self.days)
        return seasons.at(self.table.snapshots.cutoff) if seasons else np.zeros(len(self.table))

    @cached_property
    def _waiting(self) -> Waiting | None:
        return fit_waiting(self.table, self.cutoffs.calibrate[-1])


def _enough(lesson: Lesson, fewest: int) -> bool:
    """Whether there are outcomes of more than one kind to learn from and to judge on."""
    if lesson.part == "spend":
        return min(int((lesson.fit.truth > 0).sum()), int((lesson.judge.truth > 0).sum())) >= fewest
    return all(
        np.sort(np.unique(rows.truth, return_counts=True)[1])[::-1][1:2].sum() >= fewest
        for rows in (lesson.fit, lesson.judge)
    )
