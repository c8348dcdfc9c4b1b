"""What became of the rows, batch by batch: counts, examples, and the rows set aside."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from features.config import SourceConfig
from features.orders.coded import Mask
from features.orders.quarantine import set_aside
from features.orders.raw import RawBatch
from features.orders.refusal import example, formats, refuse_if_too_bad
from features.orders.rules import RULES, Rule
from features.orders.span import EVER, Span
from features.orders.times import UNPARSED

SHAPES = 10_000
"""Of so many rows at the beginning, the ways in which times are written are looked at."""


class Tally:
    """Counts over all batches so far."""

    def __init__(self) -> None:
        self.rows = self.bad = 0
        self._broken: dict[Rule, tuple[int, str]] = {}
        self._aside: list[pd.DataFrame] = []
        self._head: RawBatch | None = None

    def add(self, batch: RawBatch, broken: Mapping[Rule, Mask], bad: Mask) -> None:
        """Take in a batch: the rules that were broken and where, and the bad rows."""
        self._head = self._head or batch.head(SHAPES)
        self.rows += len(bad)
        self.bad += int(bad.sum())
        for rule, mask in broken.items():
            count, first = self._broken.get(rule) or (0, self._example(batch, rule, mask))
            self._broken[rule] = count + int(mask.sum()), first
        if broken or not self._aside:
            self._aside.append(set_aside(batch, broken, bad))

    def refuse_if_too_bad(self, orders: SourceConfig, span: Span = EVER) -> None:
        """Let the whole input pass if `orders` allows it.

        Raises `DataError` if there are no rows, if too many are bad, or if none is left.
        """
        if not self.rows:
            raise span.nothing_found()
        refuse_if_too_bad(self.rows, self.bad, self._in_order(), orders)

    def reasons(self) -> dict[str, int]:
        """How many rows broke each rule."""
        return {str(rule): count for rule, (count, _) in self._in_order().items()}

    def quarantine(self) -> pd.DataFrame:
        """The bad rows of all batches, if there was one."""
        return pd.concat(self._aside, ignore_index=True) if self._aside else pd.DataFrame()

    def _in_order(self) -> dict[Rule, tuple[int, str]]:
        """The broken rules as `RULES` has them, wherever each was broken first."""
        place = {rule: at for at, rule in enumerate(RULES)}
        return dict(sorted(self._broken.items(), key=lambda item: place.get(item[0], 0)))

    def _example(self, batch: RawBatch, rule: Rule, mask: Mask) -> str:
        remark = ""
        if rule.reason == UNPARSED and self._head is not None:
            remark = formats(self._head.cells(rule.column, np.arange(len(self._head))))
        return example(batch, rule, mask) + remark
