"""The families of features, one file each, and the list of them all."""

from features.families.basket import basket
from features.families.counts import counts
from features.families.first import first_order
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
    "season": season,
    "first": first_order,
    "shop": shop_level,
}


def all_features(windows: tuple[int, ...], has: frozenset[str]) -> list[Feature]:
    """Every default feature that the given optional order columns allow, in a fixed order."""
    features = [feature for family in FAMILIES.values() for feature in family(windows)]
    return [feature for feature in features if feature.needs <= has]


def family_of(name: str) -> str:
    """Name of the family that makes a feature of this name, `other` where none does."""
    for family, make in FAMILIES.items():
        if any(feature.name == name for feature in make((4, 8, 13, 26, 52))):
            return family
    return "other"
