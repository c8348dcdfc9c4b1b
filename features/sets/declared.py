"""A feature set as data: what is declared in a configuration, and what a model remembers of it."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from features.errors import UsageError
from features.sets.expressions import Expression
from features.strict import Strict
from features.tables.config import Events, Name, Profile

Address = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]
"""Where a feature of one's own is, as module:name."""


class FeatureSet(Strict):
    """Which features there are: everything that gives them their names and their meaning, and nothing else.

    Attributes:
        windows: in weeks: ascending, each once.
        families: of `features.families`; none named stands for all.
        events: what is made from each table of events, by its name.
        profile: what is made from each table of attributes, by its name.
        own: features by name, as expressions over others: "ratio(net_spend_13w, order_days_13w)".
        code: features written in Python, as module:name of a `Feature` that can be imported.
    """

    windows: tuple[Annotated[int, Field(ge=1, le=520)], ...] = (4, 8, 13, 26, 52)
    families: tuple[str, ...] = ()
    events: Mapping[Name, Events] = Field(default_factory=dict)
    profile: Mapping[Name, Profile] = Field(default_factory=dict)
    own: Mapping[Name, str] = Field(default_factory=dict)
    code: tuple[Address, ...] = ()

    @classmethod
    def of(cls, declared: "FeatureSet") -> "FeatureSet":
        """The set itself, without where its tables are read from."""
        return FeatureSet.model_validate(
            {
                **{name: getattr(declared, name) for name in ("windows", "families", "own", "code")},
                "events": {name: _only(Events, one) for name, one in declared.events.items()},
                "profile": {name: _only(Profile, one) for name, one in declared.profile.items()},
            }
        )

    @property
    def table_names(self) -> tuple[str, ...]:
        """Names of the tables beside the orders."""
        return (*self.events, *self.profile)

    @field_validator("windows")
    @classmethod
    def _ascending(cls, windows: tuple[int, ...]) -> tuple[int, ...]:
        if list(windows) != sorted(set(windows)):
            raise ValueError("windows must ascend, each given once")
        return windows

    @field_validator("own")
    @classmethod
    def _readable(cls, own: Mapping[str, str]) -> Mapping[str, str]:
        for name, text in own.items():
            try:
                Expression.of(text)
            except UsageError as error:
                raise ValueError(f"{name}: {error.problem} ({error.got}); allowed: {error.allowed}") from None
        return own

    @model_validator(mode="after")
    def _tables_apart(self) -> Self:
        if both := set(self.events) & set(self.profile):
            raise ValueError(f"{', '.join(sorted(both))}: a table is either events or profile")
        return self


def _only(kind: type[Strict], declared: Strict) -> dict[str, object]:
    return {name: getattr(declared, name) for name in kind.model_fields}
