"""The verb of every week: score all customers and publish the week."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from features.clock import to_date, to_day
from features.engine import Engine
from features.files import temporary_folder
from features.orders import CleanOrders, InputReport
from serving.gates import source_days
from serving.job.bench import Bench, bench
from serving.job.intake import Intake
from serving.job.place import work_of
from serving.job.week import Done, Job, score_week
from serving.registered import Registered
from serving.score import score as score_orders
from serving.scorer import Scorer
from serving.store import Receipt, Store, open_store, table
from stagecast.beside import bare, beside
from stagecast.config import Config
from stagecast.cutoffs import last_tick, require_begin
from stagecast.describe import Orders, check
from stagecast.engine import engine_of
from stagecast.progress import tell
from stagecast.reading import Read, take_in


@dataclass(frozen=True)
class Scores:
    """What `score` made.

    Attributes:
        registered: the model.
        as_of: the cut-off.
        report: what the orders were like; read batch by batch, it does not say how many customers there are.
        quarantine: the rows of the orders that were set aside.
        find_table: finds the score table.
    """

    registered: Registered
    as_of: str
    report: InputReport
    quarantine: pd.DataFrame
    find_table: Callable[[], pd.DataFrame]

    @cached_property
    def table(self) -> pd.DataFrame:
        """The score table, sorted by customer; one that was published is read when first asked for."""
        return self.find_table()

    @property
    def day(self) -> int:
        """The cut-off as a day number."""
        return to_day(date.fromisoformat(self.as_of))

    @property
    def new(self) -> bool:
        """Whether the rows are new."""
        return True


@dataclass(frozen=True)
class Stored(Scores):
    """Scores that stand in a store.

    Attributes:
        where: its address.
        done: what became of the week.
        unlike: the newest other week there, where its stages follow another
            spec, so that the two cannot be compared.
        page: the file of the report, if there is one.
        missed: what could not be done besides, in words; the week stands all the same.
    """

    where: str
    done: Done
    unlike: Receipt | None
    page: Path | None
    missed: tuple[str, ...]

    @property
    def new(self) -> bool:
        """Whether they are new there."""
        return self.done.published.new


@dataclass(frozen=True)
class Week:
    """What is to be scored with what: the model, checked; the cut-off; the settings, under the model's spec."""

    registered: Registered
    as_of: str
    config: Config

    @property
    def day(self) -> int:
        """The cut-off as a day number."""
        return self.config.the_clock.tick(self.as_of)

    def scorer(self, orders: Orders) -> Scorer:
        """The model at the cut-off, with the tables beside the orders."""
        given = beside(orders, self.config, self.registered.model.contract.declared)
        return Scorer(self.registered, self.config.serving, given, self.day)


def score(
    orders: Orders,
    as_of: str | None = None,
    out: str | Path | None = None,
    config: Config | None = None,
    model: str | Registered | None = None,
) -> Scores:
    """Score every customer known at a cut-off and, with `out`, publish the week there.

    The model is looked at first: a wrong name, damaged files or a date that is
    no tick are told before the orders are read. With `out`, neither orders nor
    scores have to fit into memory, and a job that was killed goes on where it
    stopped; the rows are the same in any case.

    Args:
        orders: a source of orders, or clean ones.
        as_of: a tick of the model's clock, YYYY-MM-DD; by default the last one.
        out: the store: a folder, the URL of one, or a database; without it nothing is written.
        config: settings; the champion's name is one of them.
        model: `NAME@ALIAS`, `NAME/VERSION`, or a model fetched before.

    Raises:
        UsageError: `as_of` is no tick of the model's clock, or the settings ask for another one.
        DataError: no customer is known, or the orders lack a column that the model has learnt from.
        ModelError: no such model, damaged files, or a contract that does not fit.
        GateError: a gate holds the week back.
        BusyError: another scorer is at work on the week.
    """
    if out is not None:
        return publish(orders, as_of, str(out), config, model)
    week = the_week(as_of, config or Config(), model)
    clean = check(orders, week.config, week.day)
    table = score_orders(clean.log, week.as_of, week.registered, week.config.serving, week.scorer(orders).beside)
    return Scores(week.registered, week.as_of, clean.report, clean.quarantine, lambda: table)


def the_week(as_of: str | None, config: Config, model: str | Registered | None) -> Week:
    """The week that is to be scored: by the champion, or the model named.

    Raises:
        UsageError: `as_of` is no tick of the model's clock, or the settings ask for another one.
        ModelError: no such model, or damaged files.
    """
    if not isinstance(model, Registered):
        from serving.registry import fetch

        tell("fetch the model")
        model = fetch(model or config.serving.model, config.tracking_uri)
    config = config.under(model.model.spec)
    when = last_tick(config) if as_of is None else as_of
    return Week(model, to_date(config.the_clock.tick(when)).isoformat(), config)


def publish(
    orders: Orders, as_of: str | None, out: str, config: Config | None = None, model: str | Registered | None = None
) -> Stored:
    """Score a week and publish it in a store; arguments and errors are those of `score`."""
    config = config or Config()
    work, missed = work_of(out, config.serving.work), list[str]()
    with engine_of(config.engine) as engine:
        # MLflow loads slowly, and a cluster comes up meanwhile
        from serving.cached import COPIES, fetch_or_cached, keep_copy
        from serving.job.afterwards import Afterwards

        if not isinstance(model, Registered):
            tell("fetch the model")
            model, away = fetch_or_cached(model or config.serving.model, config.tracking_uri, work / COPIES)
            missed += [f"{away}; the model is the copy kept when it scored before"] if away else []
        week = the_week(as_of, config, model)
        store = open_store(out)
        with bench(work, week.as_of) as held:
            read, done = _scored(orders, replace(week, config=week.config.on(engine)), (store, held), engine)
    keep_copy(week.registered, work / COPIES)
    rest = Afterwards(store, out, week.config.serving, tell, missed)
    page = rest.page(week.as_of)
    rest.record(week.registered.name, week.config.tracking_uri)
    return Stored(
        registered=week.registered,
        as_of=week.as_of,
        report=read.report,
        quarantine=read.quarantine,
        find_table=lambda: table(store, week.as_of).to_pandas(),
        where=out,
        done=done,
        unlike=_unlike(store, done.published.receipt),
        page=page,
        missed=tuple(missed),
    )


def _scored(orders: Orders, week: Week, to: tuple[Store, Bench], engine: Engine) -> tuple[Read, Done]:
    (store, held), lines = to, week.config.features.partition_lines
    with temporary_folder(held.folder.resolve() / "orders") as folder:
        intake = Intake(week.day, week.registered.model.contract.columns, lines, folder)
        read = take_in(orders, intake, week.config, week.day, engine)
        intake.sources = _sources(orders, week)
        require_begin(read.report.first.date(), week.day)
        return read, score_week(Job(week.scorer(orders), store, held, tell, engine), intake)


def _unlike(store: Store, receipt: Receipt) -> Receipt | None:
    others = [week for week in store.weeks() if week != receipt.as_of]
    newest = store.receipt(others[-1]) if others else None
    return newest if newest and newest.spec_hash != receipt.spec_hash else None


def _sources(orders: Orders, week: Week) -> dict[str, tuple[int, ...]]:
    """Lines of each source, where the settings name a column of sources and the orders still have it."""
    column, given = week.config.serving.gates.source, bare(orders)
    if column is None or isinstance(given, CleanOrders):
        return {}
    return source_days(given, (week.config.orders, week.config.clock), column, week.day)
