"""Windows: stretches of history that end at the cut-off, and how features name them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from features.clock import WEEK


@dataclass(frozen=True)
class Window:
    """So many weeks up to the cut-off; None is the whole history."""

    weeks: int | None

    @property
    def days(self) -> int | None:
        """Length in days; None is the whole history."""
        return None if self.weeks is None else self.weeks * WEEK

    @property
    def tail(self) -> str:
        """The end of a feature's name."""
        return "ever" if self.weeks is None else f"{self.weeks}w"

    @property
    def empty_count(self) -> float | None:
        """How much a count is where the window holds no order-day; the whole history of a customer always holds one."""
        return None if self.weeks is None else 0.0

    @property
    def empty_mean(self) -> float | None:
        """The same for a mean, which then does not exist."""
        return None if self.weeks is None else math.nan

    @property
    def words(self) -> str:
        """The end of a feature's meaning."""
        return "ever" if self.weeks is None else f"in the last {self.weeks} weeks"


def and_ever(windows: tuple[int, ...]) -> Iterator[Window]:
    """Each window, then the whole history."""
    return (Window(number) for number in (*windows, None))


def weeks(number: int) -> int:
    """Length of a window of so many weeks, in days."""
    return number * WEEK
