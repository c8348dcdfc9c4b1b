"""Verbs that describe customers as they stand: no model, no MLflow."""

import pandas as pd

from features.history import History
from features.ids import code_of
from features.orders import CleanOrders, OrderLog, Source, load_orders
from features.orders.span import NothingInSpanError
from features.stage_table import stage_table
from features.stages.fit import fit_spec
from features.stages.journey import Journey, customer_journey
from features.stages.spec import StageSpec
from features.stages.words import explain as in_words
from features.table import build_features
from stagecast.beside import WithTables, bare, beside
from stagecast.config import Config
from stagecast.cutoffs import days_before, require_customers, require_orders, ticks

Orders = Source | CleanOrders | WithTables


def check(orders: Orders, config: Config | None = None, until: int | None = None) -> CleanOrders:
    """Read and check orders.

    Args:
        orders: a source of orders, or clean ones, which are given back as they are.
        config: settings.
        until: a day number; orders of that day or later are not read, unless there are no others.

    Returns:
        The clean orders, the rows set aside with their reasons, and a report.

    Raises:
        DataError: the orders cannot be used, or too many rows are bad.
    """
    orders = bare(orders)
    if isinstance(orders, CleanOrders):
        return orders
    config = config or Config()
    try:
        return load_orders(orders, config.orders, config.clock, span=days_before(until, config))
    except NothingInSpanError:
        return load_orders(orders, config.orders, config.clock)  # so that who asked can be told when they begin


def stage_spec(orders: Orders, as_of: str, config: Config | None = None) -> StageSpec:
    """Fit the stage spec on the orders before a cut-off.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    return standing(orders, as_of, config or Config(), None)[2]


def explain(spec: StageSpec) -> str:
    """A stage spec in plain words, as Markdown: each stage's rule with its numbers, and where each comes from."""
    return "\n".join(in_words(spec))


def stages(orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None) -> pd.DataFrame:
    """Stage of every customer known at a cut-off; see `features.stage_table.stage_table`.

    Without a spec one is fitted on the orders before the cut-off.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    history, day, used = standing(orders, as_of, config or Config(), spec)
    return stage_table(history, day, used)


def journey(
    orders: Orders, customer: str, as_of: str, config: Config | None = None, spec: StageSpec | None = None
) -> Journey:
    """The history of one customer up to a cut-off: orders, a row a tick, and each move with its reason.

    Without a spec one is fitted on the orders before the cut-off.

    Raises:
        UsageError: `as_of` is no tick of the clock, or the customer is not known there.
        DataError: there are no orders before it.
    """
    history, day, used = standing(orders, as_of, config or Config(), spec)
    return customer_journey(history, used, code_of(history, customer, day), day)


def features(
    orders: Orders,
    cutoffs: list[str],
    config: Config | None = None,
    select: list[str] | None = None,
    spec: StageSpec | None = None,
) -> pd.DataFrame:
    """Features of every customer known at each cut-off, sorted by customer, then cut-off.

    Without a spec each cut-off has the one that is fitted on what came before
    it, so that a row never depends on which other cut-offs are asked for.
    `write_features` is for tables that do not fit into memory.

    Raises:
        UsageError: a cut-off is no tick of the clock, or `select` matches nothing.
        DataError: there are no orders before a cut-off.
    """
    config = under(config, spec)
    days = ticks(cutoffs, config)
    tables = beside(orders, config).tables
    clean = check(orders, config, days[-1])
    require_orders(clean, days[0])
    history = History.of(clean.log.before(days[-1])).joined(tables)
    for day in days:
        require_customers(history, day)
    specs = spec or {day: _fitted(history, day, config) for day in days}
    return build_features(history, days, specs, config.features, select)


def orders_before(clean: CleanOrders, as_of: str, config: Config) -> tuple[OrderLog, int]:
    """Order lines before a cut-off, and the cut-off as a day number.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    day = config.the_clock.tick(as_of)
    require_orders(clean, day)
    return clean.log.before(day), day


def standing(orders: Orders, as_of: str, config: Config, spec: StageSpec | None) -> tuple[History, int, StageSpec]:
    """The orders before a cut-off, the cut-off as a day number, and the spec: the given one, or one fitted there.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: nobody is known before it.
    """
    config = under(config, spec)
    day = config.the_clock.tick(as_of)
    clean = check(orders, config, day)
    require_orders(clean, day)
    history = History.of(clean.log.before(day))
    require_customers(history, day)
    return history, day, spec or _fitted(history, day, config)


def under(config: Config | None, spec: StageSpec | None) -> Config:
    """The configuration, or the defaults, under a spec if there is one."""
    config = config or Config()
    return config.under(spec) if spec else config


def _fitted(history: History, day: int, config: Config) -> StageSpec:
    return fit_spec(history, day, config.period_days, config.stages, config.the_clock)
