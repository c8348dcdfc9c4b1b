"""Orders cleaned batch by batch, for inputs that are larger than memory."""

from collections.abc import Iterator
from datetime import datetime

import pandas as pd

from features.config import ClockConfig, OrdersConfig
from features.memory import keep_freed_memory
from features.orders.gate import Gate, Whole
from features.orders.limits import Terms, terms
from features.orders.log import OrderLog
from features.orders.parse import Encoders
from features.orders.raw import RawBatch, of_tables
from features.orders.report import InputReport
from features.orders.sources import Source, read_batches
from features.orders.span import EVER, Span
from features.orders.told import Seen, Told

LINES = 1_000_000
"""Lines of a batch."""


def stream_orders(
    source: Source, orders: OrdersConfig, clock: ClockConfig, now: datetime | None = None, span: Span = EVER
) -> "OrderStream":
    """Clean the orders of `source` batch by batch, by the rules of `load_orders`.

    Args:
        source: what `read_orders` takes.
        orders: how to read the orders, and what is allowed.
        clock: the time zone.
        now: what lies in the future; default: the wall clock.
        span: the days asked for; rows of other days count as never read.

    Raises:
        UsageError: the source or the configuration cannot be right.
        DataError: the source cannot be read.
    """
    keep_freed_memory()
    return OrderStream(of_tables(read_batches(source, orders, span, LINES)), terms(orders, clock, now, span))


class OrderStream:
    """Good lines batch by batch, to be gone through once; then the report and the quarantine of the whole.

    Each batch is a log of its own: its words, and the columns that hold something
    in it. A batch may be empty.

    What only the whole tells is told at the end: too large a share of bad rows is
    refused after the last batch. A rule that depends on the whole input (times
    without offset are bad if others have one; rows without an amount are bad if
    others have one) refuses the input where `load_orders` would set earlier rows aside.
    """

    def __init__(self, batches: Iterator[RawBatch], allowed: Terms) -> None:
        self._batches, self._allowed = batches, allowed
        self._gate = Gate(allowed, Whole())
        self._seen, self._rows = Seen(), 0

    def __iter__(self) -> Iterator[OrderLog]:
        """The good lines of each batch.

        Raises:
            DataError: a batch holds what is of no use; at the end: there are no rows,
                too many are bad, or none is left.
        """
        yield from self.batches()
        self._gate.tally.refuse_if_too_bad(self._allowed.orders, self._allowed.span)

    def batches(self) -> Iterator[OrderLog]:
        """The same, but the whole is not judged in the end."""
        for batch in self._batches:
            self._rows += len(batch)
            encoders: Encoders = {}
            kept = self._gate.passed(batch, encoders)
            text = {name: encoder.coded(kept.text[name]) for name, encoder in encoders.items()}
            log = OrderLog.filled(text, kept.numbers, kept.ordered_at, kept.returned())
            self._seen.add(log, 0 if kept.computed is None else int(kept.computed.sum()))
            yield log

    @property
    def quarantine(self) -> pd.DataFrame:
        """The rows set aside so far; see `CleanOrders`."""
        return self._gate.tally.quarantine()

    @property
    def report(self) -> InputReport:
        """The report on the rows so far, without what would need all lines at once.

        `customers` is 0, and of the notes only those that count single lines are there.
        """
        tally = self._gate.tally
        return self._seen.report(tally.rows, tally.bad, tally.reasons())

    @property
    def told(self) -> Told:
        """All that is told of the rows so far, to be put together with what is told of others."""
        tally = self._gate.tally
        return Told(
            self._rows, (tally.rows, tally.bad), tally.reasons(), tally.quarantine(), self._seen, self._gate.mixed
        )
