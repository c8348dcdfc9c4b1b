"""The ideas that an explanation speaks of: which features of a model belong to each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from features.contract import FeatureContract
from features.families import family_of
from features.sets.declared import FeatureSet
from features.tables.config import VALUED, Events, slug
from features.tables.features import event_features, profile_features

Kind = Literal["own orders", "events", "values", "profile", "own"]

IDEAS: dict[str, frozenset[str]] = {
    "silence": frozenset({"recency", "rhythm"}),
    "frequency": frozenset({"counts"}),
    "spend": frozenset({"spend"}),
    "trend": frozenset({"trend"}),
    "stage": frozenset({"stage"}),
    "outlook": frozenset({"outlook"}),
    "basket": frozenset({"basket"}),
    "returns": frozenset({"returns"}),
    "price": frozenset({"price"}),
    "beginning": frozenset({"first"}),
    "season": frozenset({"season"}),
    "shop": frozenset({"shop"}),
}
"""Families of features made from the orders, by the idea they belong to."""


@dataclass(frozen=True)
class Concept:
    """A group of features under one idea.

    Attributes:
        kind: where they come from: the orders, how often and how lately events
            happened, the values of events, an attribute of a profile, or the
            user's own definition.
        subject: the idea, the stream of events, the attribute, or the feature.
        columns: the features, at least one, in the contract's order.
        stem: what the names of features of events and of profiles begin with.
    """

    kind: Kind
    subject: str
    columns: tuple[str, ...]
    stem: str = ""

    @property
    def title(self) -> str:
        """A name of its own among the concepts of one contract."""
        shown = {"events": "{}: how often", "values": "{}: values", "own": "own: {}"}.get(self.kind, "{}")
        return shown.format(self.subject)


def concepts(contract: FeatureContract) -> list[Concept]:
    """The concepts of a model: every feature of its contract belongs to exactly one."""
    declared = list(_declared(contract.declared))
    taken = {name for one in declared for name in one.columns}
    families = {name: family_of(name) for name in contract.features if name not in taken}
    ideas = [
        Concept("own orders", idea, tuple(name for name, family in families.items() if family in of))
        for idea, of in IDEAS.items()
    ]
    taken |= {name for one in ideas for name in one.columns}
    code = [Concept("own", name, (name,)) for name in contract.features if name not in taken]
    return [found for one in (*ideas, *declared, *code) if (found := _present(one, contract.features)).columns]


def places(concepts: Iterable[Concept]) -> dict[str, int]:
    """Among some concepts the number of the one that each feature belongs to."""
    return {name: k for k, concept in enumerate(concepts) for name in concept.columns}


def _declared(declared: FeatureSet) -> Iterator[Concept]:
    """Concepts of what was declared, whether the model has learnt from it or not."""
    for table, events in declared.events.items():
        for kind in events.kinds or ("",):
            yield from _stream((table, kind), events, declared.windows)
    for table, profile in declared.profile.items():
        for attribute, of in profile.attributes.items():
            only = profile.model_copy(update={"attributes": {attribute: of}})
            names = tuple(feature.name for feature in profile_features(table, only))
            yield Concept("profile", f"{table}, {attribute}", names, f"{table}_{attribute}")
    for name in declared.own:
        yield Concept("own", name, (name,))


def _stream(of: tuple[str, str], events: Events, windows: tuple[int, ...]) -> Iterator[Concept]:
    """How often the events of a kind happened is one idea, what they were worth another."""
    table, kind = of
    names = [slug(word) for word in of if word]
    one_kind = events.model_copy(update={"kinds": (kind,) if kind else ()})
    made: dict[Kind, list[str]] = {"events": [], "values": []}
    for measure in events.measures:
        only = one_kind.model_copy(update={"measures": (measure,)})
        made["values" if measure in VALUED else "events"] += [one.name for one in event_features(table, only, windows)]
    for idea, columns in made.items():
        yield Concept(idea, ", ".join(filter(None, of)), tuple(columns), "_".join(filter(None, names)))


def _present(concept: Concept, features: tuple[str, ...]) -> Concept:
    columns = set(concept.columns)
    return replace(concept, columns=tuple(name for name in features if name in columns))
