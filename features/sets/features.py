"""From a declared feature set to its features."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from features.errors import UsageError
from features.families import FAMILIES, all_features
from features.feature import Feature
from features.fixed import Floats
from features.history.since import OPTIONAL
from features.past import Past
from features.sets.declared import FeatureSet
from features.sets.expressions import Expression
from features.sets.own import imported
from features.tables.features import event_features, profile_features
from features.tables.joined import Table


@dataclass(frozen=True)
class Beside:
    """What there is beside the orders where a model is to score.

    Attributes:
        tables: clean tables by name.
        code: features written in Python that may be imported, as module:name.
    """

    tables: Mapping[str, Table] = field(default_factory=dict)
    code: tuple[str, ...] = ()

    def offer(self, asked: FeatureSet) -> FeatureSet:
        """As much of a set as can be had: a model names its features, but what is imported is decided here."""
        return asked.model_copy(
            update={
                "events": {name: one for name, one in asked.events.items() if name in self.tables},
                "profile": {name: one for name, one in asked.profile.items() if name in self.tables},
                "code": tuple(address for address in asked.code if address in self.code),
            }
        )


def features_of(declared: FeatureSet, has: frozenset[str]) -> list[Feature]:
    """The features of a set that the given optional order columns allow, in a fixed order.

    A set in which nothing but windows is declared has all default features.
    An expression may name any feature of the set, any default one in whatever
    window (`net_spend_6w`), and other expressions.

    Raises:
        UsageError: a family or a feature that is named does not exist, or two have one name.
    """
    _require_families(declared)
    kept = declared.families or tuple(FAMILIES)
    made = [feature for feature in all_features(declared.windows, has) if feature.family in kept]
    made += [*_of_tables(declared), *(one for one in map(imported, declared.code) if one.needs <= has)]
    for name, expression in _in_order(declared.own):
        made += _expressed(name, expression, (made, has))
    _require_once(made)
    return made


def _of_tables(declared: FeatureSet) -> Iterator[Feature]:
    for name, events in declared.events.items():
        yield from event_features(name, events, declared.windows)
    for name, profile in declared.profile.items():
        yield from profile_features(name, profile)


def _in_order(own: Mapping[str, str]) -> Iterator[tuple[str, Expression]]:
    """The expressions, each after those that it names, whatever order they are declared in."""
    waiting = {name: Expression.of(text) for name, text in sorted(own.items())}
    while waiting:
        ready = [name for name, one in waiting.items() if not one.names & set(waiting)]
        if not ready:
            raise UsageError(
                "expressions name each other in a circle",
                got=", ".join(waiting),
                remedy="write one of them without the others",
            )
        yield from ((name, waiting.pop(name)) for name in ready)


def _expressed(name: str, expression: Expression, of: tuple[list[Feature], frozenset[str]]) -> list[Feature]:
    """The feature of an expression; none where the orders lack a column that one of its parts needs."""
    made, has = of
    windows = {int(window[1]) for one in expression.names if (window := re.search(r"_(\d+)w$", one))}
    everything = all_features(tuple(sorted(windows or {1})), EVERY_COLUMN)
    known = {feature.name: feature for feature in (*everything, *all_features((1,), EVERY_COLUMN), *made)}
    if unknown := sorted(expression.names - set(known)):
        raise UsageError(
            f"the expression of '{name}' names what is no feature",
            got=", ".join(unknown),
            allowed="default features in any window, features of the declared tables, and other expressions",
            remedy="see the list of features: stagecast features --catalogue",
        )
    parts = {one: known[one] for one in sorted(expression.names)}
    needs = frozenset[str]().union(*(part.needs for part in parts.values()))

    def compute(past: Past) -> Floats:
        return expression({one: part.compute(past) for one, part in parts.items()})

    shop = any(part.shop for part in parts.values())
    found = Feature(name, expression.text, "own", compute, needs, shop, expression.text, math.nan, "own")
    return [found] if needs <= has else []


EVERY_COLUMN = frozenset(OPTIONAL)


def _require_families(declared: FeatureSet) -> None:
    if strangers := [name for name in declared.families if name not in FAMILIES]:
        raise UsageError("there is no such family", got=", ".join(strangers), allowed=", ".join(FAMILIES))


def _require_once(features: list[Feature]) -> None:
    if twice := [name for name, count in Counter(feature.name for feature in features).items() if count > 1]:
        raise UsageError(
            "two features have one name",
            got=", ".join(twice),
            remedy="call the table, the kind or the expression by another name",
        )
