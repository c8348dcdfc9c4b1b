"""Order lines of each source on each day: a second look at the orders, at two of their columns."""

from collections.abc import Iterable

import numpy as np

from features.clock import WEEK, Days, to_date
from features.config import ClockConfig, OrdersConfig
from features.errors import DataError, UsageError
from features.fixed import Ints
from features.history.since import days_of
from features.orders.coded import Coded
from features.orders.log import OrderLog
from features.orders.sources import Source
from features.orders.span import NothingInSpanError, Span
from features.orders.stream import stream_orders
from serving.gates.days import WEEKS

WATCHED = 20
"""Sources that are watched: those with the most lines."""

MOST = 1000
"""Sources beyond which the column is something else: an id, or a time."""


class _TwoColumns(OrdersConfig):
    """Orders of which only two columns are read, the source in the place of the customer."""

    @property
    def names(self) -> tuple[str, ...]:
        return ("customer_id", "ordered_at")

    @property
    def required(self) -> tuple[str, ...]:
        return self.names


def source_days(
    orders: Source, how: tuple[OrdersConfig, ClockConfig], column: str, cutoff: int
) -> dict[str, tuple[int, ...]]:
    """Lines of the largest sources on each of the days that `OrderDays` looks back on.

    Args:
        orders: what `scan_orders` takes, and can be read once more.
        how: the orders are read.
        column: of the orders, that names the source of a line; a line that names none is of none.
        cutoff: a tick, as a day number.

    Raises:
        UsageError: there is no such column, or it holds too many different values for a source.
        DataError: the orders cannot be read.
    """
    config, clock = how
    since = cutoff - WEEKS * WEEK
    span = Span(to_date(since), to_date(cutoff), clock)
    columns = {"customer_id": column} | {k: v for k, v in config.columns.items() if k == "ordered_at"}
    two = _TwoColumns(**config.model_dump() | {"columns": columns, "max_bad_share": 1.0, "bad_rows": "quarantine"})
    try:
        counts = _counted(stream_orders(orders, two, clock, span=span), since)
    except NothingInSpanError:
        return {}
    except DataError as error:
        raise UsageError(
            f"the lines of each source cannot be counted by the column '{column}'",
            got=error.problem.split(", which")[0],
            remedy="name a column of the orders with source = ... in [serving.gates], or leave it out",
        ) from error
    largest = sorted(counts.items(), key=lambda item: (-item[1].sum(), item[0]))[:WATCHED]
    return {name: tuple(lines.tolist()) for name, lines in largest}


def _counted(logs: Iterable[OrderLog], since: int) -> dict[str, Ints]:
    counts: dict[str, Ints] = {}
    for log in logs:
        names = log.text_of("customer_id")
        if len(found := {*counts, *names.words.to_pylist()}) > MOST:
            raise DataError(f"it holds {len(found):,} different values and more: that is no source")
        for name, lines in zip(names.words.to_pylist(), _daily(names, days_of(log) - since), strict=True):
            counts[name] = counts.get(name, 0) + lines
    return counts


def _daily(names: Coded, day: Days) -> Ints:
    """Lines of each name on each day, shape (names, days)."""
    length, rows = WEEKS * WEEK, len(names.words)
    inside = (day >= 0) & (day < length) & (names.codes >= 0)
    places = names.codes[inside].astype(np.int64) * length + day[inside]
    return np.bincount(places, minlength=rows * length).reshape(rows, length)
