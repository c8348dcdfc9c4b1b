"""From raw rows to clean orders: every row is either kept, or set aside with its reasons."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import pandas as pd

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError
from features.memory import keep_freed_memory
from features.orders.contract import REQUIRED
from features.orders.gate import Gate, LateFactError, Whole
from features.orders.limits import Terms, terms
from features.orders.log import OrderLog
from features.orders.notes import notes
from features.orders.pieces import Pieces
from features.orders.raw import RawBatch, of_frame, of_tables
from features.orders.report import InputReport
from features.orders.sources import Source, read_orders, scan_orders
from features.orders.span import EVER, Span
from features.orders.tally import Tally

LINES = 1 << 18
"""Rows are parsed and judged so many at a time, so that what is needed for that stays small."""


@dataclass(frozen=True)
class CleanOrders:
    """Orders fit for use, and the rest.

    `log` holds the good lines in input order. `quarantine` holds the other rows as
    text, after `row` (position in the input, from 0) and `reason`.
    """

    log: OrderLog
    quarantine: pd.DataFrame
    report: InputReport

    @cached_property
    def orders(self) -> pd.DataFrame:
        """The log as a pandas frame, made when first asked for.

        Canonical columns and types, without the optional columns that hold nothing;
        `is_return` is always there.
        """
        return self.log.frame()


def load_orders(
    source: Source, orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None, span: Span = EVER
) -> CleanOrders:
    """Read `source` and clean it, batch by batch; rows of days outside the span count as never read.

    Raises what `read_orders` and `clean_orders` raise.
    """
    allowed = terms(orders, clock, now, span)
    if isinstance(source, pd.DataFrame):
        raw = read_orders(source, orders)
        return _clean(lambda: of_frame(raw, LINES), allowed, once=False)
    scan = scan_orders(source, orders, span)
    return _clean(lambda: of_tables(scan.batched(LINES)), allowed, scan.once)


def clean_orders(
    raw: pd.DataFrame, orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None
) -> CleanOrders:
    """Parse and judge the raw rows of `read_orders`; `raw` is left as it is.

    Times become naive local time of `clock.timezone`; a missing `amount` becomes
    quantity times price; where `is_return` does not tell, a negative amount or
    quantity does. `now` (default: the wall clock) decides what lies in the future.

    Raises `DataError` if there are no rows, if too many are bad for what `orders`
    allows, or if none is left; `UsageError` for a configuration that cannot be right.
    """
    if lacking := [name for name in REQUIRED if name not in raw]:
        raise DataError(
            "required columns are missing", got=list(raw.columns), allowed=lacking, remedy="see read_orders"
        )
    return _clean(lambda: of_frame(raw, LINES), terms(orders, clock, now), once=False)


def _clean(batches: Callable[[], Iterator[RawBatch]], allowed: Terms, once: bool) -> CleanOrders:
    """Clean the batches; anew with what was learnt where a later one shows that earlier rows were bad."""
    keep_freed_memory()
    whole = Whole()
    while True:
        try:
            return _cleaned(batches(), allowed, whole)
        except LateFactError as late:
            if once:
                raise
            whole = late.whole


def _cleaned(batches: Iterator[RawBatch], allowed: Terms, whole: Whole) -> CleanOrders:
    gate, pieces = Gate(allowed, whole), Pieces()
    for batch in batches:
        pieces.add(gate.passed(batch, pieces.encoders))
    gate.tally.refuse_if_too_bad(allowed.orders, allowed.span)
    log = pieces.log()
    return CleanOrders(log, gate.tally.quarantine(), _report(log, pieces.computed, gate.tally))


def _report(log: OrderLog, computed: int, tally: Tally) -> InputReport:
    return InputReport(
        rows_read=tally.rows,
        rows_kept=len(log),
        rows_set_aside=tally.bad,
        customers=len(log.text["customer_id"].words),
        first=pd.Timestamp(log.ordered_at.min()),
        last=pd.Timestamp(log.ordered_at.max()),
        reasons=tally.reasons(),
        find_notes=lambda: notes(log, computed),
    )
