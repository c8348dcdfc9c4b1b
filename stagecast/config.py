"""One TOML file for everything: strict, frozen, every default sensible without a file."""

import tomllib
from pathlib import Path
from typing import Any, Self

from pydantic import ValidationError

from features.clock import Clock, parse_period
from features.config import ClockConfig, FeatureConfig, OrdersConfig, StageConfig, Strict
from features.engine import Engine, apart
from features.errors import UsageError
from features.stages.spec import StageSpec
from serving.config import ServingConfig
from stagecast.engine import EngineConfig
from training.config import Recipe, TrainingConfig


class Config(Strict):
    """The whole configuration; each section is read by the part it is named after."""

    orders: OrdersConfig = OrdersConfig()
    clock: ClockConfig = ClockConfig()
    stages: StageConfig = StageConfig()
    features: FeatureConfig = FeatureConfig()
    training: TrainingConfig = TrainingConfig()
    serving: ServingConfig = ServingConfig()
    engine: EngineConfig = EngineConfig()
    tracking_uri: str | None = None

    @classmethod
    def load(cls, path: Path | None) -> Self:
        """The configuration in a TOML file, or the defaults.

        Raises:
            UsageError: there is no such file, it is no TOML, or a key or value is wrong.
        """
        if path is None:
            return cls()
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError("the configuration cannot be read", got=str(error), remedy="check --config") from None
        except tomllib.TOMLDecodeError as error:
            raise UsageError(
                "the configuration is no TOML", got=f"{path.name}: {error}", remedy="mend that line"
            ) from None
        except ValidationError as error:
            raise _wrong_key(path.name, error) from None

    def overridden(self, section: str | None = None, **values: Any) -> Self:
        """A copy in which the values that are not None take the place of those of a section (or of the top).

        What was never set stays unset, so that `model_fields_set` tells a wish from a default.

        Raises:
            UsageError: a value is wrong.
        """
        given = {name: value for name, value in values.items() if value is not None}
        if not given:
            return self
        kept = self.model_dump(exclude_unset=True)
        changed = given if section is None else {section: kept.get(section, {}) | given}
        try:
            return type(self).model_validate(kept | changed)
        except ValidationError as error:
            raise _wrong_key("the command line", error) from None

    def under(self, spec: StageSpec) -> Self:
        """This configuration with the clock, the period and the stage constants of a frozen stage spec.

        Raises:
            UsageError: another clock, period or constant was asked for.
        """
        self._agree("week_starts", self.clock, (self.clock.week_starts, spec.week_starts), spec)
        self._agree("period", self.training, (f"{self.period_days}d", f"{spec.hold_days}d"), spec)
        for name, theirs in spec.constants:
            self._agree(name, self.stages, (getattr(self.stages, name), theirs), spec)
        return (
            self.overridden("clock", week_starts=spec.week_starts)
            .overridden("training", period=f"{spec.hold_days}d")
            .overridden("stages", **spec.constants.model_dump())
        )

    def on(self, engine: Engine) -> Self:
        """This configuration for the workers of an engine: a worker has one thread, where not told otherwise."""
        found = self
        for section in ("features", "serving") if apart(engine) else ():
            if getattr(self, section).threads == 0:
                found = found.overridden(section, threads=1)
        return found

    def _agree(self, name: str, section: Strict, sides: tuple[object, object], spec: StageSpec) -> None:
        """A wish that differs from the spec is refused; a default gives way."""
        ours, theirs = sides
        if name in section.model_fields_set and ours != theirs:
            raise UsageError(
                f"the settings and the stage spec do not agree on '{name}'",
                got=f"{ours} in the settings",
                allowed=f"{theirs}, as in the stage spec {spec.hash}",
                remedy="leave it out, since the spec brings its own; or make a new spec with it"
                " (stagecast train --refit-spec, or stagecast stages --save-spec)",
            )

    @property
    def the_clock(self) -> Clock:
        """The weekly clock."""
        return Clock(self.clock.week_starts)

    @property
    def period_days(self) -> int:
        """The period, in days."""
        return parse_period(self.training.period)

    @property
    def recipe(self) -> Recipe:
        """What training needs of all this."""
        return Recipe(self.the_clock, self.stages, self.features, self.training, self.period_days)


def _wrong_key(where: str, error: ValidationError) -> UsageError:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    unknown = first["type"] == "extra_forbidden"
    return UsageError(
        f"{where}: {'unknown key' if unknown else 'wrong value of'} '{key}'",
        got=repr(first.get("input")),
        allowed=None if unknown else first["msg"],
        remedy="see the table of settings in the README",
    )
