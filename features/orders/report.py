"""What came in and what became of it, in counts."""

from dataclasses import dataclass

import pandas as pd

from features.orders.coded import Mask
from features.orders.notes import notes
from features.orders.parse import Parsed
from features.orders.rules import Rule


@dataclass(frozen=True, slots=True)
class InputReport:
    """What came in and what became of it, in counts.

    `reasons` counts the rows set aside by reason (a row may have several);
    `notes` counts facts that are no errors, so that nobody is surprised later.
    """

    rows_read: int
    rows_kept: int
    rows_set_aside: int
    customers: int
    first: pd.Timestamp
    last: pd.Timestamp
    reasons: dict[str, int]
    notes: dict[str, int]

    def lines(self) -> list[str]:
        """The report in plain words, one fact a line."""
        return [
            f"{self.rows_read:,} rows read, {self.rows_kept:,} kept, {self.rows_set_aside:,} set aside",
            f"{self.customers:,} customers, orders from {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}",
            *(f"set aside: {reason}: {count:,}" for reason, count in self.reasons.items()),
            *(f"note: {note}: {count:,}" for note, count in self.notes.items()),
        ]

    def __str__(self) -> str:
        return "\n".join(self.lines())


def report(kept: Parsed, returns: Mask, broken: dict[Rule, Mask], bad: Mask) -> InputReport:
    """The report on `kept` rows of `len(bad)`, of which `bad` ones broke the rules `broken`."""
    return InputReport(
        rows_read=len(bad),
        rows_kept=len(kept.ordered_at),
        rows_set_aside=int(bad.sum()),
        customers=len(kept.text["customer_id"].words),
        first=pd.Timestamp(kept.ordered_at.min()),
        last=pd.Timestamp(kept.ordered_at.max()),
        reasons=counts(broken),
        notes={note: count for note, count in notes(kept, returns) if count},
    )


def counts(broken: dict[Rule, Mask]) -> dict[str, int]:
    """How many rows broke each rule."""
    return {str(rule): int(mask.sum()) for rule, mask in broken.items()}
