"""What is declared of a table, and where it is read from."""

import re
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from features.strict import SourceConfig, Strict

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
"""What becomes part of a feature's name."""

Measure = Literal["count", "sum", "mean", "last", "recency"]
MEASURES: tuple[Measure, ...] = ("count", "sum", "mean", "last", "recency")
VALUED: frozenset[Measure] = frozenset({"sum", "mean", "last"})
"""Measures of the column `value`."""


class Events(Strict):
    """What features are made from a table of events (visits, ratings, enquiries, referrals, cost to serve).

    Attributes:
        kinds: words of the column `kind` that get features of their own;
            without any, all events together do.
        measures: in each window `count`, `sum` and `mean` of the values; ever
            the `last` value, and the `recency`, days since the last event.
        windows: in weeks; those of the feature set where not given.
    """

    kinds: tuple[str, ...] = ()
    measures: tuple[Measure, ...] = MEASURES
    windows: tuple[Annotated[int, Field(ge=1, le=520)], ...] | None = None

    @field_validator("kinds")
    @classmethod
    def _apart(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        if len({slug(kind) for kind in kinds} - {""}) < len(kinds):
            raise ValueError("kinds must differ in their letters and digits, which become part of a name")
        return kinds

    @property
    def valued(self) -> bool:
        """Whether any measure asks for the column `value`."""
        return bool(VALUED & set(self.measures))


class Profile(Strict):
    """What features are made from a table of attributes, each as it was last known.

    Attributes:
        attributes: by column: `number`; `date`, which becomes the days from it
            to the cut-off; or a list of words, each of which becomes a feature
            that is 1 where the attribute is this word.
    """

    attributes: dict[Name, Literal["number", "date"] | tuple[str, ...]] = Field(default_factory=dict)

    @field_validator("attributes")
    @classmethod
    def _apart(cls, attributes: dict[str, object]) -> dict[str, object]:
        for name, words in attributes.items():
            if isinstance(words, tuple) and len({slug(word) for word in words} - {""}) < max(len(words), 1):
                raise ValueError(f"the words of {name} must differ in letters and digits, which become part of a name")
        if {"customer_id", "known_at"} & set(attributes):
            raise ValueError("customer_id and known_at are no attributes")
        return attributes


class EventsConfig(Events, SourceConfig):
    """A table of events: where it is, and what is made from it.

    Columns: `customer_id`, `happened_at`; and where there are such `known_at`
    (from when on it was known; otherwise at once), `kind` and `value`.
    """

    source: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of an events table."""
        return ("customer_id", "happened_at", "known_at", "kind", "value")

    @property
    def required(self) -> tuple[str, ...]:
        """Those that must be there for what is declared."""
        more = [name for name, asked in (("kind", self.kinds), ("value", self.valued)) if asked]
        return ("customer_id", "happened_at", *more)

    @property
    def section(self) -> str:
        """Where in the configuration this stands."""
        return "features.events"


class ProfileConfig(Profile, SourceConfig):
    """A table of attributes: `customer_id`, `known_at`, and a column for each attribute.

    A row tells what was known from its time on; an attribute that is missing in
    it stays as it was.
    """

    source: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Columns of this profile table."""
        return ("customer_id", "known_at", *self.attributes)

    @property
    def required(self) -> tuple[str, ...]:
        """All of them."""
        return self.names

    @property
    def section(self) -> str:
        """Where in the configuration this stands."""
        return "features.profile"


def slug(word: str) -> str:
    """A word as part of a feature's name."""
    return re.sub(r"[\W_]+", "_", word.lower()).strip("_")
