"""The families of features, one file each, and the list of them all."""

import re
from dataclasses import replace
from functools import cache

from features.families.basket import basket
from features.families.counts import counts
from features.families.first import first_order
from features.families.outlook import outlook
from features.families.price import price
from features.families.recency import recency
from features.families.returns import returns
from features.families.rhythm import rhythm
from features.families.season import season
from features.families.shop import shop_level
from features.families.spend import spend
from features.families.stage import stage_history
from features.families.trend import trend
from features.feature import Family, Feature

FAMILIES: dict[str, Family] = {
    "recency": recency,
    "counts": counts,
    "spend": spend,
    "rhythm": rhythm,
    "trend": trend,
    "basket": basket,
    "price": price,
    "returns": returns,
    "stage": stage_history,
    "outlook": outlook,
    "season": season,
    "first": first_order,
    "shop": shop_level,
}


def all_features(windows: tuple[int, ...], has: frozenset[str]) -> list[Feature]:
    """Every default feature that the given optional order columns allow, in a fixed order."""
    return [feature for feature in _everything(windows) if feature.needs <= has]


def family_of(name: str) -> str:
    """Name of the family that makes features of this name, in whatever window; `other` where none does."""
    return _family_by_stem().get(_stem(name), "other")


@cache
def _everything(windows: tuple[int, ...]) -> tuple[Feature, ...]:
    made = ((family, feature) for family, make in FAMILIES.items() for feature in make(windows))
    return tuple(replace(feature, family=family) for family, feature in made)


@cache
def _family_by_stem() -> dict[str, str]:
    return {_stem(feature.name): feature.family for feature in _everything((1,))}


def _stem(name: str) -> str:
    """The name without the number of its window."""
    return re.sub(r"_\d+w$", "_w", name)
