"""The stage spec: every constant of the stage definition, frozen and hashed."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, ValidationError

from features.clock import WEEK
from features.config import StageConfig, Strict, Weekday
from features.errors import UsageError

BANDS = (1, 2, 4, 8)
"""Fewest order-days of each band: 1, 2-3, 4-7, 8 and more."""

Span = Annotated[float, Field(gt=0)]
Band4 = tuple[Span, Span, Span, Span]
LevelMeasure = Literal["net", "order_day_units"]


class StageSpec(Strict):
    """Every constant of the stage definition.

    Change `version` when the machine's rules change: two specs with the same
    hash give every customer the same stage at every tick, and a spec of other
    rules is refused.

    Attributes:
        hold_days: days a stage is held before the next promotion; one period.
        week_starts: weekday of the clock.
        typical_gap: median days to the next order among those who return, a band.
        silent_after: the same at the quantile `constants.quantile`.
        lost_after: the same at `constants.lost_quantile`.
        level_measure: `net` (money) or `order_day_units` (no money).
        fitted_before: the reference period's orders are those before this date.
        order_days: order-days the reference period held; 0 means that the
            gaps are defaults, not found on data.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    version: Literal[2] = 2
    constants: StageConfig = Field(default_factory=StageConfig)
    hold_days: int = Field(ge=WEEK, multiple_of=WEEK)
    week_starts: Weekday
    typical_gap: Band4
    silent_after: Band4
    lost_after: Band4
    level_measure: LevelMeasure
    fitted_before: Annotated[str, AfterValidator(lambda text: date.fromisoformat(text).isoformat())]
    order_days: int = Field(ge=0)

    def to_json(self) -> str:
        """Canonical JSON: the same spec always gives the same text."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The spec that `to_json` wrote.

        Raises:
            UsageError: the text is no stage spec.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise UsageError(
                "this is no stage spec",
                got=str(error.errors()[0]["msg"]),
                remedy="write one with: stagecast stages ORDERS --as-of DATE --out FILE --save-spec SPEC.json",
            ) from None

    @property
    def hash(self) -> str:
        """First 16 hex digits of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]


Specs = StageSpec | Mapping[int, StageSpec]
"""One frozen spec for all cut-offs, or one for each cut-off (day number)."""
