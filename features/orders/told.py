"""What is told of some rows of the input, and what follows for all of them together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd

from features.orders.gate import Mixed
from features.orders.limits import Terms
from features.orders.log import OrderLog
from features.orders.notes import NO_ORDER_ID, absent, line_notes
from features.orders.refusal import is_too_bad
from features.orders.report import InputReport
from features.orders.rules import RULES


class Seen:
    """What the good lines hold so far."""

    def __init__(self) -> None:
        self.first, self.last = np.datetime64("NaT", "us"), np.datetime64("NaT", "us")
        self._has: set[str] = set()
        self._notes: Counter[str] = Counter()

    def add(self, log: OrderLog, computed: int) -> None:
        """Take in the lines of a batch."""
        if not len(log):
            return
        self.first = np.fmin(self.first, log.ordered_at.min())
        self.last = np.fmax(self.last, log.ordered_at.max())
        self._has |= log.has
        self._notes.update(dict(line_notes(log, computed)))
        if "order_id" not in log.has:
            self._notes[NO_ORDER_ID] += len(log)

    def put(self, other: "Seen") -> None:
        """Take in what others hold."""
        self.first, self.last = np.fmin(self.first, other.first), np.fmax(self.last, other.last)
        self._has |= other._has
        self._notes.update(other._notes)

    def notes(self) -> dict[str, int]:
        """Facts about single lines, as `features.orders.notes` words them."""
        told = {note: count for note, count in self._notes.items() if note != NO_ORDER_ID or "order_id" in self._has}
        return {note: count for note, count in [*absent(self._has), *told.items()] if count}

    def report(self, rows: int, bad: int, reasons: dict[str, int]) -> InputReport:
        """The report on so many rows; see `OrderStream.report`."""
        first, last = pd.Timestamp(self.first), pd.Timestamp(self.last)
        return InputReport(rows, rows - bad, bad, 0, first, last, reasons, self.notes)


@dataclass(frozen=True)
class Told:
    """What is told of rows that follow one another.

    Attributes:
        placed: rows that the source held.
        judged: rows of the days asked for, and how many of them were bad.
        reasons: how many broke each rule.
        aside: the bad rows, numbered from the first of these rows.
        seen: what the good lines hold.
        mixed: whether they are alike in what rules over the whole are about.
    """

    placed: int
    judged: tuple[int, int]
    reasons: dict[str, int]
    aside: pd.DataFrame
    seen: Seen
    mixed: Mixed


@dataclass(frozen=True)
class Input:
    """What came in and what became of it; as `OrderStream` tells it."""

    report: InputReport
    quarantine: pd.DataFrame


def together(told: Sequence[Told], allowed: Terms) -> Input | None:
    """The whole input; None where it may not pass, or where a rule depends on how it was cut.

    Args:
        told: of all its rows, in their order.
        allowed: what rows are measured by.
    """
    rows, bad = (sum(counts) for counts in zip(*(one.judged for one in told), strict=True))
    if not rows or is_too_bad(rows, bad, allowed.orders) or not reduce(or_, (one.mixed for one in told)).alike:
        return None
    seen, reasons = Seen(), Counter[str]()
    for one in told:
        seen.put(one.seen)
        reasons.update(one.reasons)
    in_order = {str(rule): reasons[str(rule)] for rule in RULES if reasons[str(rule)]}
    return Input(seen.report(rows, bad, in_order), _aside(told))


def _aside(told: Sequence[Told]) -> pd.DataFrame:
    """The bad rows, numbered from the first of the input."""
    begins = np.cumsum([0, *(one.placed for one in told)])
    asides = [
        one.aside.assign(row=one.aside["row"] + begin)
        for one, begin in zip(told, begins, strict=False)
        if len(one.aside.columns)
    ]
    return pd.concat(asides, ignore_index=True)
