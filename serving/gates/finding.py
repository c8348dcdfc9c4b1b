"""What a gate says: what it saw, what is normal, what to do."""

from dataclasses import dataclass
from typing import Literal

from features.config import Strict

Verdict = Literal["pass", "warn", "stop"]


class Finding(Strict):
    """The word of one gate on one week.

    Attributes:
        gate: its name, as in the settings.
        verdict: whether the week passes, is published with a warning, or is held back.
        saw: what was seen, in words and numbers.
        normal: what is normal, and what that is known from.
        remedy: what to do where it did not pass; empty otherwise.
    """

    gate: str
    verdict: Verdict
    saw: str
    normal: str
    remedy: str = ""


@dataclass(frozen=True)
class Look:
    """What one gate found, before the settings say what follows.

    Attributes:
        fine: whether it is normal.
        saw: what was seen.
        normal: what is normal.
        remedy: what to do where it is not fine.
    """

    fine: bool
    saw: str
    normal: str
    remedy: str = ""

    @classmethod
    def unknown(cls, saw: str, why: str) -> "Look":
        """A look that has nothing to compare with, and so finds nothing wrong."""
        return cls(True, saw, f"not known: {why}")
