"""The list of all features: names, families, and what each needs."""

import pytest

from features.config import FeatureConfig
from features.families import FAMILIES, all_features, family_of
from features.history.since import OPTIONAL

WINDOWS = FeatureConfig().windows
EVERYTHING = frozenset(OPTIONAL)


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    names = [feature.name for feature in all_features(WINDOWS, EVERYTHING)]
    assert len(names) == len(set(names))
    assert all(name.isidentifier() and name == name.lower() for name in names)


def test_orders_without_discounts_make_150_and_more() -> None:
    assert len(all_features(WINDOWS, EVERYTHING - {"discount"})) >= 150


def test_each_says_what_it_means_in_one_line() -> None:
    features = all_features(WINDOWS, EVERYTHING)
    assert all(feature.meaning and feature.unit and feature.formula for feature in features)
    assert not any("\n" in feature.meaning + feature.formula or "|" in feature.formula for feature in features)
    assert len({feature.meaning for feature in features}) == len(features)


@pytest.mark.parametrize("windows", [WINDOWS, (1,), (3, 104)])
def test_a_name_tells_the_family_whatever_the_windows(windows: tuple[int, ...]) -> None:
    features = all_features(windows, EVERYTHING)
    assert {feature.family for feature in features} == set(FAMILIES)
    for feature in features:
        assert family_of(feature.name) == feature.family


@pytest.mark.parametrize("name", ["", "recency_4w", "net_spend", "something_else", "net_spend_4w_ago"])
def test_an_unknown_name_has_no_family(name: str) -> None:
    assert family_of(name) == "other"


def test_features_survive_without_money_products_and_order_ids() -> None:
    bare = all_features(WINDOWS, frozenset())
    assert not any(feature.needs for feature in bare)
    assert len(bare) >= 40
    for column in OPTIONAL:
        fewer = all_features(WINDOWS, EVERYTHING - {column})
        lost = {feature.name for feature in all_features(WINDOWS, EVERYTHING)} - {feature.name for feature in fewer}
        assert bool(lost) == (column != "order_id"), column


def test_windows_make_names_in_a_fixed_order() -> None:
    one = [feature.name for feature in all_features((4, 13), EVERYTHING)]
    assert one == [feature.name for feature in all_features((4, 13), EVERYTHING)]
    assert {"net_spend_4w", "net_spend_13w", "net_spend_ever"} <= set(one)
    assert "net_spend_8w" not in one


def test_what_looks_at_the_shop_says_so_in_its_name() -> None:
    for feature in all_features(WINDOWS, EVERYTHING):
        assert feature.shop == feature.name.startswith("shop_"), feature.name
