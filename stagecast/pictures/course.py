"""What every picture of a shop needs: its spells up to a cut-off, worked out once."""

from dataclasses import dataclass

from features.clock import WEEK, to_date
from features.stages.spec import StageSpec
from features.stages.spells import Spells, stage_spells
from stagecast.config import Config
from stagecast.describe import Orders, standing


@dataclass(frozen=True)
class Course:
    """The course of a shop's customers up to a cut-off.

    Attributes:
        spells: of everybody known at the cut-off.
        spec: the spec that they were made with.
        first: first tick at which somebody was known.
        until: the cut-off, as a day number.
    """

    spells: Spells
    spec: StageSpec
    first: int
    until: int

    @classmethod
    def of(cls, orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None) -> "Course":
        """Course of a shop; without a spec the one is used that is fitted on what came before the cut-off.

        Raises:
            UsageError: `as_of` is no tick of the clock.
            DataError: nobody is known before it.
        """
        history, day, used = standing(orders, as_of, config or Config(), spec)
        spells = stage_spells(history, used, day)
        return cls(spells, used, int(spells.begin.min()), day)

    @property
    def as_of(self) -> str:
        """The cut-off as a date."""
        return str(to_date(self.until))

    def ticks(self, apart: int = WEEK, most: int = 105) -> list[int]:
        """Ticks up to the cut-off, so many days apart, no more than asked for, from the first with a customer on."""
        first = max(self.first, self.until - apart * (most - 1))
        return list(range(self.until, first - 1, -apart))[::-1]
