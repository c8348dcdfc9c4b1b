"""Configuration of what `features` does: strict, frozen, every default sensible."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from features.sets.declared import FeatureSet
from features.strict import SourceConfig, Strict
from features.tables.config import EventsConfig, Name, ProfileConfig

__all__ = ["ClockConfig", "FeatureConfig", "OrdersConfig", "SourceConfig", "StageConfig", "Strict", "Weekday"]


class OrdersConfig(SourceConfig):
    """How to read the orders."""


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class ClockConfig(Strict):
    """The weekly clock: the weekday a week starts on, and the business's time zone (IANA name)."""

    week_starts: Weekday = "mon"
    timezone: str = "UTC"


class StageConfig(Strict):
    """Constants of the stage definition that are chosen, not fitted.

    They were compared on four real shops by criteria fixed beforehand: see
    `docs/stages.md`.

    Attributes:
        quantile: Q, the knob between early warning (0.6) and few false alarms
            (0.9): silent is who is later than this share of those who return
            after their first order.
        balance: 1 where everybody shall be called silent by mistake equally
            often in a given time, so that who orders ten times as often may be
            late a tenth as often; 0 where everybody may be late equally often.
        lost_quantile: the same for lost.
        lost_factor: lost is at least so many times as late as silent.
        follow_up_weeks: how long order-days are followed up at most; otherwise
            a longer log alone would call customers silent ever later.
        shrinkage: k, how many gaps the shop's typical gap weighs in a
            customer's own cadence.
        formative_days: order-days from which on a customer is no longer on trial.
        stable_days: order-days from which on a level can hold up or fall off.
        holds_up: share of the own peak from which on the level holds up.
        falls_off: share of the own peak up to which the level has fallen off.
        fall_weeks: how long a fall-off is held against a customer who goes on
            buying; then the lower level counts as its own.
        running: ticks running at which a level must hold up, or have fallen off.
        steady: ticks running without silence or fall-off that make a recovery.
        settled_gaps: tenure, in own cadences, from which on one can be stable.
        level_gaps: own cadences over which the level is measured.
        level_periods: the same in periods, at least.
        level_weeks: the same in weeks, at most.
        shortest_silence: days that are never called silent; two weeks of
            holidays and the weekends around them are not.
    """

    quantile: float = Field(default=0.75, gt=0.5, lt=0.95)
    balance: float = Field(default=1.0, ge=0, le=1)
    lost_quantile: float = Field(default=0.975, gt=0.95, lt=1)
    lost_factor: float = Field(default=1.5, ge=1)
    follow_up_weeks: int = Field(default=26, ge=4)
    shrinkage: float = Field(default=3.0, gt=0)
    formative_days: int = Field(default=3, ge=2)
    stable_days: int = Field(default=6, ge=2)
    holds_up: float = Field(default=0.5, gt=0, le=1)
    falls_off: float = Field(default=0.35, gt=0, lt=1)
    fall_weeks: int = Field(default=52, ge=4)
    running: int = Field(default=4, ge=1)
    steady: int = Field(default=2, ge=1)
    settled_gaps: float = Field(default=2.0, ge=0)
    level_gaps: float = Field(default=3.0, gt=0)
    level_periods: float = Field(default=2.0, ge=1)
    level_weeks: int = Field(default=104, ge=4)
    shortest_silence: int = Field(default=21, ge=1)


class FeatureConfig(FeatureSet):
    """Which features are made, from which tables, and how.

    Attributes:
        threads: how many parts of the customers are computed at a time; 0 for
            one on each core. No value depends on it.
        events: tables of events, by name: where each is, and what is made from it.
        profile: tables of attributes, likewise.
        partition_lines: more order lines than these are parted by customer and put down on disk while
            the feature file is made: the fewer, the less memory. No value depends on it.
    """

    threads: int = Field(default=0, ge=0)
    events: Mapping[Name, EventsConfig] = Field(default_factory=dict)
    profile: Mapping[Name, ProfileConfig] = Field(default_factory=dict)
    partition_lines: int = Field(default=2_000_000, ge=1)

    @model_validator(mode="before")
    @classmethod
    def _from_set(cls, given: object) -> object:
        """A bare feature set will do where every table is given by hand."""
        return given.model_dump(exclude_unset=True) if type(given) is FeatureSet else given

    @property
    def tables(self) -> dict[str, EventsConfig | ProfileConfig]:
        """All tables beside the orders, by name."""
        return {**self.events, **self.profile}
