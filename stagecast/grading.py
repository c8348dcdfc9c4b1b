"""The verb `grade`: how good were the published scores, now that their period has passed?

Weeks come from `serving`, grades from `training`; only here do the two meet.
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from features.clock import WEEK, Clock, to_day
from features.errors import DataError, ModelError, StagecastError
from features.grade import KIND, Grade
from features.history import History
from features.orders import CleanOrders
from features.orders.sql import shown
from serving.registry import fetch
from serving.store import Receipt, Store, document, open_store, table
from serving.store.receipt import a_date
from stagecast.config import Config
from stagecast.describe import Orders, check
from stagecast.progress import tell

if TYPE_CHECKING:
    from training.grading.week import Scorer, Week


@dataclass
class Graded:
    """What `grade` found.

    Attributes:
        grades: of every week that has one, oldest first.
        new: cut-offs that were graded for the first time.
        changed: a sentence for each week that was graded anew, since its orders or its scores are others now.
        waiting: cut-offs whose period is not over.
        skipped: a sentence for each week that could not be graded.
        trends: id of the MLflow run, by registered model and version.
        clean: the orders behind it.
    """

    clean: CleanOrders
    grades: list[Grade] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    trends: dict[tuple[str, int], str] = field(default_factory=dict)

    @property
    def alarms(self) -> list[Grade]:
        """Grades of the weeks looked at now for the first time, or anew, that raise an alarm."""
        again = {sentence[: len("YYYY-MM-DD")] for sentence in self.changed}
        return [one for one in self.grades if one.alarm and (one.as_of in self.new or one.as_of in again)]


def grade(store: str | Path | Store, orders: Orders, as_of: str | None = None, config: Config | None = None) -> Graded:
    """Grade every published week whose period has passed, and bring the trend in MLflow up to date.

    Each week is joined with what its customers did in the period after it, and
    judged by the numbers of a backtest: in every group, beside the ladder that
    was fitted on what was finished at its cut-off, and against what the model
    version's own judgement had promised. The grade is kept beside the week.
    Again it changes nothing, unless orders came late: then it says so.

    Args:
        store: address of the score table, or an open one.
        orders: a source of orders, or clean ones: all that are known by now.
        as_of: a tick, YYYY-MM-DD; orders at or after it are not looked at. Without it all are.
        config: settings.

    Raises:
        UsageError: `as_of` is no tick of a model's clock.
        DataError: nothing is published; or no week whose period is over can be graded by these orders.
        ModelError: the same, since no model that scored is there any more.
        BusyError: another process has held the lock of the MLflow store for too long.
        StagecastError: a store cannot be read or written.
    """
    config = config or Config()
    opened = open_store(store) if isinstance(store, str | Path) else store
    weeks = opened.weeks()
    if not weeks:
        raise DataError(
            "no week of scores is published there",
            got=shown(store) if isinstance(store, str | Path) else None,
            remedy="publish one with: stagecast score",
        )
    tell("read the orders")
    clean = check(orders, config, to_day(date.fromisoformat(a_date(as_of))) if as_of else None)
    found, published = Graded(clean), _Weeks(opened, clean, as_of, config)
    failed: list[StagecastError] = []
    for week in weeks:
        try:
            published.grade(week, found)
        except (DataError, ModelError) as error:
            failed.append(error)
            found.skipped.append(f"{week} cannot be graded: {error.problem} ({error.got}).")
    if failed and not found.grades:
        raise failed[0]
    _log(found, config)
    return found


@dataclass
class _Weeks:
    """The weeks of a store, and what they are graded by; models and histories are made once."""

    store: Store
    clean: CleanOrders
    as_of: str | None
    config: Config
    scorers: dict[tuple[str, int], "Scorer"] = field(default_factory=dict)
    histories: dict[tuple[tuple[str, ...], int], History] = field(default_factory=dict)

    def grade(self, as_of: str, found: Graded) -> None:
        """Grade a week, unless its period is not over; what was found is entered."""
        from training.bench import judging_by
        from training.grading.grade import Truth
        from training.grading.grade import grade as grade_week
        from training.grading.words import changed

        receipt = self.store.receipt(as_of)
        if receipt is None:
            return
        known = document(self.store, KIND, as_of, Grade)
        if known is not None and known.content == receipt.content and self._settled(known):
            found.grades.append(known)
            return
        scorer = self._scorer(receipt)
        end = self._end(scorer)
        if to_day(date.fromisoformat(as_of)) + scorer.spec.hold_days > end:
            found.waiting.append(as_of)
            return
        tell(f"grade {as_of}")
        training = self.config.training
        truth = Truth(self._history(scorer, end), end)
        graded = {one.as_of: one for one in (*found.grades, *([known] if known else []))}
        now = grade_week(self._week(receipt, scorer), truth, training, judging_by(training), graded)
        found.grades.append(now)
        if now is known:
            return
        self.store.keep(KIND, as_of, now.model_dump(mode="json"))
        if known is None:
            found.new.append(as_of)
        else:
            found.changed.append(changed(known, now))

    def _settled(self, known: Grade) -> bool:
        """Whether a graded week is too old for its orders to come late."""
        last = to_day(self.clean.report.last.date())
        return to_day(date.fromisoformat(known.until)) + self.config.training.grading.recheck_weeks * WEEK <= last + 1

    def _scorer(self, receipt: Receipt) -> "Scorer":
        from training.grading.scorer import scorer_of

        key = receipt.model_name, receipt.model_version
        if key not in self.scorers:
            tell(f"fetch {key[0]} version {key[1]}")
            self.scorers[key] = scorer_of(*key, fetch(f"{key[0]}/{key[1]}", self.config.tracking_uri).model)
        return self.scorers[key]

    def _end(self, scorer: "Scorer") -> int:
        """Tick up to which orders are known."""
        clock, last = Clock(scorer.spec.week_starts), to_day(self.clean.report.last.date())
        known = clock.floor(last + 1)
        return min(known, clock.tick(self.as_of)) if self.as_of else known

    def _history(self, scorer: "Scorer", end: int) -> History:
        key = scorer.columns, end
        if key not in self.histories:
            log = self.clean.log.only(scorer.columns).before(end)
            self.histories = {key: History.of(log)}  # one at a time, for they are large
        return self.histories[key]

    def _week(self, receipt: Receipt, scorer: "Scorer") -> "Week":
        from training.grading.week import COLUMNS, Week

        scores = table(self.store, receipt.as_of, COLUMNS).to_pandas()
        return Week(to_day(date.fromisoformat(receipt.as_of)), scorer, receipt.content, scores)


def _log(found: Graded, config: Config) -> None:
    from training.grading.trend import log_trend

    if found.grades:
        tell("log the trend")
    for name in dict.fromkeys(one.model_name for one in found.grades):
        mine = [one for one in found.grades if one.model_name == name]
        runs = log_trend(mine, config.training, config.tracking_uri)
        found.trends |= {(name, version): run for version, run in runs.items()}
