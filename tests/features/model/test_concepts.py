"""Every feature of a model belongs to exactly one concept, whatever was declared."""

import numpy as np
import pytest

from features.contract import FeatureContract
from features.families import FAMILIES, all_features
from features.history.since import OPTIONAL
from features.model.concepts import IDEAS, concepts
from features.sets.declared import FeatureSet
from features.sets.features import features_of
from features.stages.spec import StageSpec
from features.tables.config import Events, Profile

EVERYTHING = frozenset(OPTIONAL)
DECLARED = FeatureSet(
    windows=(4, 26),
    events={
        "visits": Events(kinds=("web", "The App")),
        "spend": Events(measures=("count", "recency"), windows=()),
        "cost": Events(measures=("sum",)),
    },
    profile={"person": Profile(attributes={"age": "number", "joined": "date", "channel": ("Online", "High Street")})},
    own={"net_spend_6w": "ratio(net_spend_4w, order_days_4w)", "margin": "net_spend_26w - cost_sum_26w"},
)


def contract(declared: FeatureSet, names: list[str], spec: StageSpec) -> FeatureContract:
    return FeatureContract.of(dict.fromkeys(names, "float64"), EVERYTHING, declared, spec)


@pytest.mark.parametrize("declared", [FeatureSet(), FeatureSet(windows=(3, 20)), DECLARED], ids=range(3))
def test_every_feature_belongs_to_exactly_one_concept(declared: FeatureSet, spec: StageSpec) -> None:
    names = [feature.name for feature in features_of(declared, EVERYTHING)] + ["made_in_python"]
    names = [str(name) for name in np.random.default_rng(0).permutation(names)]
    found = concepts(contract(declared, names, spec))
    owned = [name for concept in found for name in concept.columns]
    assert sorted(owned) == sorted(names)
    assert len({concept.title for concept in found}) == len(found)
    for concept in found:
        assert sorted(concept.columns, key=names.index) == list(concept.columns)


def test_each_family_belongs_to_one_idea() -> None:
    assert sorted(family for families in IDEAS.values() for family in families) == sorted(FAMILIES)


def test_what_was_declared_is_spoken_of_by_its_own_name(spec: StageSpec) -> None:
    names = [feature.name for feature in features_of(DECLARED, EVERYTHING)]
    found = {concept.title: concept for concept in concepts(contract(DECLARED, names, spec))}
    assert list(found)[: len(IDEAS)] == list(IDEAS)
    assert list(found)[len(IDEAS) :] == [
        *("visits, web: how often", "visits, web: values", "visits, The App: how often", "visits, The App: values"),
        *("spend: how often", "cost: values", "person, age", "person, joined", "person, channel"),
        *("own: net_spend_6w", "own: margin"),
    ]
    assert found["spend: how often"].columns == ("spend_count_ever", "spend_recency")
    assert found["visits, The App: how often"].stem == "visits_the_app"
    assert found["person, channel"].columns == ("person_channel_is_online", "person_channel_is_high_street")


def test_a_concept_the_model_has_no_feature_of_is_none(spec: StageSpec) -> None:
    has = [feature.name for feature in all_features((4,), frozenset())]
    kept = [name for name in has if name != "recency"]
    found = [concept.title for concept in concepts(contract(FeatureSet(windows=(4,)), ["recency"], spec))]
    assert found == ["silence"]
    assert "spend" not in [concept.title for concept in concepts(contract(FeatureSet(windows=(4,)), kept, spec))]
