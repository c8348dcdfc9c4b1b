"""What a gate says: what it saw, what is normal, what to do."""

from typing import Literal

from features.config import Strict

Verdict = Literal["pass", "warn", "stop"]


class Finding(Strict):
    """The word of one gate on one week.

    Attributes:
        gate: its name, as in the settings.
        verdict: whether the week passes, is published with a warning, or is held back.
        saw: what was seen, in words and numbers.
        normal: what is normal, and from how many weeks that is known.
        remedy: what to do where it did not pass; empty otherwise.
    """

    gate: str
    verdict: Verdict
    saw: str
    normal: str
    remedy: str = ""
