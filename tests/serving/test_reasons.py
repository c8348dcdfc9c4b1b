"""Reasons are sentences with numbers, about every feature the model looks at."""

import re
from string import Formatter

import numpy as np
import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.families import FAMILIES, all_features
from features.history.lines import OPTIONAL
from serving.concepts import CONCEPTS, Concept, nearest
from serving.reasons import reasons, weights

EVERYTHING = tuple(feature.name for feature in all_features((4, 8, 13, 26, 52), frozenset(OPTIONAL)))
FAVOUR = "in its favour: "


@pytest.fixture(scope="module")
def features(shop: Shop) -> pd.DataFrame:
    return stagecast.features(shop.frame, [AS_OF], shop.config, spec=shop.registered.model.spec).head(300)


def test_every_feature_belongs_to_exactly_one_concept() -> None:
    owned = [name for concept in CONCEPTS.values() for name in concept.columns(EVERYTHING)]
    assert sorted(owned) == sorted(EVERYTHING)
    assert set().union(*(concept.families for concept in CONCEPTS.values())) == set(FAMILIES)


def test_every_concept_of_the_model_weighs_something_for_somebody(shop: Shop, features: pd.DataFrame) -> None:
    found = weights(shop.registered.model, features, threads=1)
    present = {name for name, concept in CONCEPTS.items() if concept.columns(shop.registered.model.contract.features)}
    assert set(found) == present
    assert all(np.isfinite(weight).all() and weight.shape == (len(features),) for weight in found.values())
    assert np.abs(found["silence"]).max() > 0


@pytest.mark.parametrize("concept", CONCEPTS.values(), ids=CONCEPTS)
def test_a_sentence_takes_the_nearest_window_there_is(concept: Concept) -> None:
    assert concept.sentence(EVERYTHING) is not None
    assert concept.sentence(()) is None
    other = tuple(feature.name for feature in all_features((3, 20), frozenset(OPTIONAL)))
    sentence = concept.sentence(other)
    assert sentence is not None
    fields = [field for _, field, _, _ in Formatter().parse(sentence.words) if field]
    assert set(fields) == set(sentence.needs) <= set(other)


def test_the_words_name_the_window_they_speak_of() -> None:
    sentence = CONCEPTS["spend"].sentence(("net_spend_3w", "net_spend_20w"))
    assert sentence is not None
    assert sentence.of({"net_spend_20w": 1234.5}) == "spent 1,234.50 in 20 weeks"
    assert sentence.of({"net_spend_20w": float("nan")}) is None


@pytest.mark.parametrize(
    ("name", "names", "found"),
    [
        ("x_26w", ("x_26w", "x_25w"), "x_26w"),
        ("x_26w", ("x_22w", "x_30w", "y_26w"), "x_22w"),
        ("x_26w", ("x_ever",), None),
        ("x_ever", ("x_26w",), None),
    ],
)
def test_the_nearest_window_is_the_shorter_of_two(name: str, names: tuple[str, ...], found: str | None) -> None:
    assert nearest(name, names) == found


def test_sentences_hold_numbers_and_never_nan(scores: pd.DataFrame) -> None:
    told = scores.loc[scores["reasons"] != "", "reasons"]  # one like the typical customer has nothing to be told
    said = told.str.split("; ").explode()
    assert len(told) > 0.9 * len(scores)
    assert (said.groupby(level=0).size().between(1, 3)).all()
    assert said.str.contains(r"\d").all()
    assert not said.str.contains(r"\b(?:nan|inf)\b", case=False).any()
    assert not said.str.contains("[{}]").any()


def test_reasons_are_the_strongest_and_point_the_right_way(shop: Shop, features: pd.DataFrame) -> None:
    model = shop.registered.model
    found = pd.DataFrame(weights(model, features, threads=1))
    said = reasons(model, features, 1, threads=1)
    strongest = found.abs().idxmax(axis=1)
    for row, text in enumerate(said):
        if found.loc[row, strongest[row]] != 0 and text:
            weight = found.loc[row, strongest[row]]
            assert text.startswith(FAVOUR) == (weight < 0) or np.isnan(features.loc[row]).any()


def test_the_longest_silent_hear_of_their_silence(scores: pd.DataFrame) -> None:
    silent = scores[scores["reasons"].str.startswith("silent for")]
    assert len(silent) > 100
    gaps = silent["reasons"].map(lambda text: float(re.findall(r"silent for ([\d.]+) of", text)[0]))
    assert gaps.median() > 1


def test_reasons_are_the_same_each_time_and_for_each_row_alone(shop: Shop, features: pd.DataFrame) -> None:
    model = shop.registered.model
    first, again = (reasons(model, features, 3, threads=1) for _ in range(2))
    alone = [reasons(model, features.iloc[[row]], 3, threads=1)[0] for row in range(20)]
    assert first == again
    assert first[:20] == alone


@pytest.mark.parametrize("most", [0, 1, 2, 10])
def test_as_many_reasons_as_asked_for(shop: Shop, features: pd.DataFrame, most: int) -> None:
    counts = [
        len(text.split("; ")) if text else 0 for text in reasons(shop.registered.model, features, most, threads=1)
    ]
    assert max(counts) <= most
    assert len(counts) == len(features)


def test_nobody_has_no_reasons(shop: Shop, features: pd.DataFrame) -> None:
    assert reasons(shop.registered.model, features.head(0), 3) == []
