"""Batches of raw rows pass one after the other; some rules depend on what the whole input holds."""

from dataclasses import dataclass, replace

import numpy as np

from features.errors import DataError
from features.orders.limits import Terms
from features.orders.parse import Encoders, Parsed, parse
from features.orders.raw import RawBatch
from features.orders.rules import judge
from features.orders.tally import Tally
from features.orders.times import ISO


@dataclass(frozen=True, slots=True)
class Whole:
    """What is known of the whole input: whether any written time carries an offset, and any row an amount."""

    zoned: bool = False
    priced: bool = False


@dataclass(frozen=True, slots=True)
class Mixed:
    """Of what rules over the whole input are about, which cases batches showed.

    Attributes:
        offsets: whether written times carry an offset.
        priced: whether a batch holds an amount.
    """

    offsets: frozenset[bool] = frozenset()
    priced: frozenset[bool] = frozenset()

    def __or__(self, other: "Mixed") -> "Mixed":
        """What both showed."""
        return Mixed(self.offsets | other.offsets, self.priced | other.priced)

    @property
    def alike(self) -> bool:
        """Whether all are alike, so that no rule depends on how the input was cut into batches."""
        return len(self.offsets) < 2 and len(self.priced) < 2


class LateFactError(DataError):
    """A later row shows that earlier rows, which have passed, are bad; `whole` is what is known by now."""

    def __init__(self, problem: str, allowed: str, whole: Whole) -> None:
        super().__init__(problem, allowed=allowed, remedy="make all rows alike, or load the orders as a whole")
        self.whole = whole


class Gate:
    """Parses and judges batches, and counts what becomes of the rows.

    Args:
        terms: what rows are measured by.
        whole: what is known of the whole input beforehand.
    """

    def __init__(self, terms: Terms, whole: Whole) -> None:
        self._terms, self._whole = terms, whole
        self._unzoned = self._unpriced = 0
        self.tally = Tally()
        self.mixed = Mixed()

    def passed(self, batch: RawBatch, encoders: Encoders) -> Parsed:
        """The good rows of the next batch.

        Raises:
            LateFactError: earlier rows, which have passed, turn out to be bad.
            DataError: a column holds what is of no use.
        """
        batch, parsed = self._asked(batch, encoders)
        self._learn(parsed)
        if self._whole.priced and "amount" not in parsed.numbers:
            nothing = np.full(len(batch.table), np.nan)
            parsed = replace(parsed, numbers=parsed.numbers | {"amount": nothing})
        broken = judge(parsed)
        bad = np.any([*broken.values()], axis=0) if broken else np.zeros(len(batch.table), bool)
        self.tally.add(batch, broken, bad)
        return parsed.kept(~bad) if broken else parsed

    def _asked(self, batch: RawBatch, encoders: Encoders) -> tuple[RawBatch, Parsed]:
        """The rows of the days asked for: nothing can be learnt from the others, as if they were not there."""
        parsed = parse(batch.table, self._terms, encoders, self._whole.zoned)
        while not (asked := self._terms.span.holds(parsed.ordered_at)).all():
            batch = batch.where(asked)
            parsed = parse(batch.table, self._terms, encoders, self._whole.zoned)
        return batch, parsed

    def _learn(self, parsed: Parsed) -> None:
        rows, before = len(parsed.ordered_at), self._whole
        self.mixed |= Mixed(parsed.offsets, frozenset({"amount" in parsed.numbers} if rows else ()))
        self._whole = Whole(before.zoned or True in parsed.offsets, before.priced or "amount" in parsed.numbers)
        self._unzoned += rows * (False in parsed.offsets and not self._whole.zoned)
        self._unpriced += rows * (not self._whole.priced)
        if self._whole.zoned and self._unzoned:
            raise LateFactError("the first times have no UTC offset, but later ones have", ISO, self._whole)
        if self._whole.priced and self._unpriced:
            raise LateFactError(
                "the first rows hold no amount, but later ones do", "an amount in every row", self._whole
            )
