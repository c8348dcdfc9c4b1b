"""Verbs that describe customers as they stand: no model, no MLflow."""

from collections.abc import Mapping

import pandas as pd

from features.clock import to_date
from features.errors import DataError
from features.history import History
from features.ids import code_of
from features.orders import CleanOrders, Source, load_orders
from features.stage_table import stage_table
from features.stages.fit import fit_spec
from features.stages.journey import Journey, customer_journey
from features.stages.spec import StageSpec
from features.stages.words import explain as in_words
from features.table import build_features
from features.tables.joined import Table
from stagecast.beside import WithTables, bare, beside
from stagecast.config import Config

Orders = Source | CleanOrders | WithTables


def check(orders: Orders, config: Config | None = None) -> CleanOrders:
    """Read and check orders.

    Returns:
        The clean orders, the rows set aside with their reasons, and a report.

    Raises:
        DataError: the orders cannot be used, or too many rows are bad.
    """
    orders = bare(orders)
    if isinstance(orders, CleanOrders):
        return orders
    config = config or Config()
    return load_orders(orders, config.orders, config.clock)


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
    """Features of every customer known at each cut-off, sorted by cut-off, then customer.

    Without a spec each cut-off has the one that is fitted on what came before
    it, so that a row never depends on which other cut-offs are asked for.

    Raises:
        UsageError: a cut-off is no tick of the clock, or `select` matches nothing.
        DataError: there are no orders before a cut-off.
    """
    config = config or Config()
    clean = check(orders, config)
    given = beside(orders, config).tables
    tables = [_features_at(clean, cutoff, (config, given), (select, spec)) for cutoff in sorted(set(cutoffs))]
    return pd.concat(tables, ignore_index=True)


def orders_before(clean: CleanOrders, as_of: str, config: Config) -> tuple[pd.DataFrame, int]:
    """Order lines before a cut-off, and the cut-off as a day number.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    day = config.the_clock.tick(as_of)
    used = clean.orders[clean.orders["ordered_at"] < pd.Timestamp(to_date(day))]
    if used.empty:
        raise DataError(
            "there are no orders before the cut-off",
            got=str(to_date(day)),
            allowed=f"after {clean.report.first:%Y-%m-%d}, when the orders begin",
            remedy="give a later date",
        )
    return used, day


def standing(orders: Orders, as_of: str, config: Config, spec: StageSpec | None) -> tuple[History, int, StageSpec]:
    """The orders before a cut-off, the cut-off as a day number, and the spec: the given one, or one fitted there.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: nobody is known before it.
    """
    config = config.under(spec) if spec else config
    used, day = orders_before(check(orders, config), as_of, config)
    history = History.of(used)
    if not len(history.known(day)):
        raise DataError(
            "no customer is known at the cut-off",
            got=f"{len(used)} order lines before {to_date(day)}, none of which makes an order-day",
            allowed="at least one purchase before the cut-off",
            remedy="give a later date, or check which lines count as returns",
        )
    return history, day, spec or fit_spec(history, day, config.period_days, config.stages, config.the_clock)


def _features_at(
    clean: CleanOrders,
    cutoff: str,
    given: tuple[Config, Mapping[str, Table]],
    chosen: tuple[list[str] | None, StageSpec | None],
) -> pd.DataFrame:
    (select, spec), (config, tables) = chosen, given
    history, day, used = standing(clean, cutoff, config, spec)
    return build_features(history.joined(tables), [day], used, config.features, select)
