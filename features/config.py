"""Configuration of what `features` does: strict, frozen, every default sensible."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Strict(BaseModel):
    """Base of every configuration section: unknown keys refused, values frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class OrdersConfig(Strict):
    """How to read the orders and what to do with bad rows.

    `columns` maps canonical names to the names in the file, for example
    `{"customer_id": "CustomerID"}`. Bad rows are set aside with their reasons
    as long as their share stays within `max_bad_share`; above it, or with
    `bad_rows = "reject"`, the input is refused.
    """

    columns: dict[str, str] = Field(default_factory=dict)
    date_format: str | None = None
    bad_rows: Literal["quarantine", "reject"] = "quarantine"
    max_bad_share: float = Field(default=0.01, ge=0, le=1)
    quarantine: str = "quarantine"
    earliest: str = "1990-01-01"
    largest_amount: float = Field(default=1e9, gt=0)


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ClockConfig(Strict):
    """The weekly clock: the weekday a week starts on, and the business's time zone (IANA name)."""

    week_starts: Weekday = "mon"
    timezone: str = "UTC"


class StageConfig(Strict):
    """Constants of the stage definition that are chosen, not fitted.

    `quantile` is the knob between early warning (0.7) and few false alarms (0.9).
    Order-days are followed up for `follow_up_weeks` at most, since otherwise a
    longer log alone would call customers silent ever later.
    """

    quantile: float = Field(default=0.8, gt=0.5, lt=0.95)
    lost_quantile: float = Field(default=0.975, gt=0.95, lt=1)
    follow_up_weeks: int = Field(default=26, ge=4)
    shrinkage: float = Field(default=3.0, gt=0)
    formative_days: int = Field(default=2, ge=2)
    stable_days: int = Field(default=4, ge=2)
    holds_up: float = Field(default=0.5, gt=0, le=1)
    falls_off: float = Field(default=0.35, gt=0, lt=1)
    shortest_silence: int = Field(default=14, ge=1)


class FeatureConfig(Strict):
    """Windows of the features, in weeks: ascending, each once."""

    windows: tuple[Annotated[int, Field(ge=1, le=520)], ...] = (4, 8, 13, 26, 52)

    @field_validator("windows")
    @classmethod
    def _ascending(cls, windows: tuple[int, ...]) -> tuple[int, ...]:
        if list(windows) != sorted(set(windows)):
            raise ValueError("windows must ascend, each given once")
        return windows
