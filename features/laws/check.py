"""One call that puts a feature, a query or a pipeline to all the laws."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from features.clock import Clock, to_date, to_day
from features.config import ClockConfig, OrdersConfig, StageConfig
from features.errors import UsageError
from features.feature import Feature
from features.history import History
from features.laws import laws
from features.laws.frames import TIMES, Frames, require_times
from features.laws.laws import Trial
from features.laws.subjects import FeatureTable, PipelineTable, Subject, listed
from features.orders import clean_orders, read_orders
from features.sets.declared import FeatureSet
from features.stages.fit import fit_spec

_ROUNDING = 1e-9
_PERIOD = 28
_SEED = 20260101


def assert_point_in_time(
    subject: Subject,
    orders: pd.DataFrame,
    cutoffs: Sequence[str | date] | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    shop: bool = False,
) -> None:
    """Put a feature, a query or a pipeline to the laws of point-in-time data.

    The laws: the log cut at a cut-off gives the same there; arbitrary later
    rows change nothing, nor does late news of old events; nor do the order of
    the rows, other customers or other cut-offs; the input stays as it was; and
    a second run gives the same, for features also one in parts. Features must give the same bits; of pipelines
    and queries rounding to one part in a billion is let pass.

    Args:
        subject: a `Feature`, several, a `FeatureSet`, or a function of a
            `Past`; or a pipeline, a function of orders and a cut-off (a
            midnight, `pd.Timestamp`), and of a dict of tables where there are
            any, that returns a DataFrame with one row a customer, indexed by
            customer_id; or SQL over the tables `orders` and those of `tables`,
            with `$cutoff` for the cut-off and a column customer_id.
        orders: order lines with `customer_id` and `ordered_at`; for features
            with canonical names, for pipelines and SQL with any other columns.
        cutoffs: where to try it; by default four Mondays over the later three
            quarters of the log.
        tables: other tables, each with `customer_id` and `happened_at` or
            `known_at` or both.
        shop: whether it looks at other customers on purpose.

    Raises:
        LeakError: a law is broken; it is also an AssertionError.
        UsageError: the subject, the tables or the cut-offs cannot be tried.
    """
    frames = {"orders": orders, **(tables or {})}
    require_times(frames)
    features = listed(subject)
    trial = _of_features(features, subject, frames, cutoffs) if features else _of_pipeline(subject, frames, cutoffs)
    laws.input_untouched(trial)
    laws.twice(trial)
    laws.no_future(trial)
    laws.any_future(trial, _SEED)
    laws.row_order(trial, _SEED)
    laws.each_alone(trial)
    if not shop:
        laws.other_customers(trial, _halves(trial.frames))
    if isinstance(trial.build, FeatureTable):
        trial.agree(laws.AS_BUILT, trial.table(), replace(trial.build, built=True)(trial.frames, trial.cutoffs))


def _of_features(
    features: list[Feature], subject: Subject, frames: Frames, cutoffs: Sequence[str | date] | None
) -> Trial:
    config = OrdersConfig()
    cleaned = clean_orders(read_orders(frames["orders"], config), config, ClockConfig()).orders
    days = _days(cleaned, cutoffs)
    clock = Clock(("thu", "fri", "sat", "sun", "mon", "tue", "wed")[days[0] % 7])
    for day in days:
        clock.tick(to_date(day))
    spec = fit_spec(History.of(cleaned), days[0], _PERIOD, StageConfig(), clock)
    shop = frozenset(feature.name for feature in features if feature.shop)
    declared = subject if isinstance(subject, FeatureSet) else FeatureSet()
    return Trial(FeatureTable(features, spec, declared), {**frames, "orders": cleaned}, days, shop)


def _of_pipeline(subject: object, frames: Frames, cutoffs: Sequence[str | date] | None) -> Trial:
    if not (callable(subject) or isinstance(subject, str)):
        raise UsageError(
            "this cannot be put on trial",
            got=type(subject).__name__,
            allowed="a Feature, several, a FeatureSet, a function of a Past, one of orders and a cut-off, or SQL",
        )
    return Trial(PipelineTable(subject), frames, _days(frames["orders"], cutoffs), tolerance=_ROUNDING)


def _days(orders: pd.DataFrame, cutoffs: Sequence[str | date] | None) -> list[int]:
    """The cut-offs as day numbers, with at least one order line before the first."""
    days = orders["ordered_at"].to_numpy().astype("datetime64[D]").astype(np.int64)
    if not len(days):
        raise UsageError("there are no orders to try it on", got="0 lines", remedy="give some orders")
    first, last = int(days.min()), int(days.max())
    if cutoffs is None:
        clock = Clock()
        return sorted({clock.after(first + (last - first) * k // 4) for k in (1, 2, 3)} | {clock.floor(last)})
    asked = sorted({_day(when) for when in cutoffs})
    if not asked or asked[0] <= first:
        raise UsageError(
            "there is nothing before the first cut-off",
            got=to_date(asked[0]) if asked else "no cut-off",
            allowed=f"after {to_date(first)}, when the orders begin",
            remedy="give later cut-offs",
        )
    return asked


def _day(when: str | date) -> int:
    asked = pd.Timestamp(when)
    if asked != asked.normalize() or asked.tz:
        raise UsageError("a cut-off is a local midnight", got=asked, allowed="YYYY-MM-DD", remedy="give the date alone")
    return to_day(asked.date())


def _halves(frames: Frames) -> list[list[str]]:
    """Two halves of the customers, and in both who first filled each column: a column is there with its first value."""
    orders = frames["orders"].sort_values("ordered_at", kind="stable")
    filled = [orders.loc[orders[name].notna(), "customer_id"].head(1) for name in orders if name not in TIMES]
    names = np.random.default_rng(_SEED).permutation(orders["customer_id"].dropna().unique().astype(object))
    first = [one for column in filled for one in column]
    return [[*first, *half] for half in np.array_split(names, 2)]
