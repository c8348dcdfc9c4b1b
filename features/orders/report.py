"""What came in and what became of it, in counts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd


@dataclass(frozen=True)
class InputReport:
    """What came in and what became of it, in counts.

    `reasons` counts the rows set aside by reason (a row may have several).
    """

    rows_read: int
    rows_kept: int
    rows_set_aside: int
    customers: int
    first: pd.Timestamp
    last: pd.Timestamp
    reasons: dict[str, int]
    find_notes: Callable[[], dict[str, int]] = field(repr=False, compare=False)

    @cached_property
    def notes(self) -> dict[str, int]:
        """Counts of facts that are no errors, so that nobody is surprised later; looked for when first asked for."""
        return self.find_notes()

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
