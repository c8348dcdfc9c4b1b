"""Reasons are sentences with numbers, strongest first, about what the model looks at."""

import re

import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.model.risk import risk_weights, typical_row
from serving import reasons as module
from serving.reasons import WORTH_SAYING, reasons

FAVOUR = "in its favour: "


@pytest.fixture(scope="module")
def features(shop: Shop) -> pd.DataFrame:
    return stagecast.features(shop.frame, [AS_OF], shop.config, spec=shop.registered.model.spec).head(300)


OUTLOOK = "(?:if it orders nothing|unless it orders)$"


def test_sentences_hold_numbers_and_never_nan(scores: pd.DataFrame) -> None:
    told = scores.loc[scores["reasons"] != "", "reasons"]  # one like the typical customer has nothing to be told
    said = told.str.split("; ").explode()
    assert len(told) > 0.9 * len(scores)
    assert (said.groupby(level=0).size().between(1, 3)).all()
    assert (said.str.contains(r"\d") | said.str.contains(OUTLOOK)).all()
    assert not said.str.contains(r"\b(?:nan|inf)\b", case=False).any()
    assert not said.str.contains("[{}]").any()


def test_the_strongest_come_first_and_point_the_right_way(shop: Shop, features: pd.DataFrame) -> None:
    model = shop.registered.model
    weights = risk_weights(model, features, threads=1)
    strongest = weights.abs().idxmax(axis=1)
    said = reasons(model, features, 1, threads=1)
    outlook = [row for row, text in enumerate(said) if re.search(OUTLOOK, text)]
    assert len(outlook) > 20
    for row in outlook:
        assert strongest[row] == "outlook"
        assert said[row].startswith(FAVOUR) == (weights.loc[row, "outlook"] < 0)


def test_what_hardly_weighs_is_not_said(shop: Shop, features: pd.DataFrame) -> None:
    model = shop.registered.model
    weights = risk_weights(model, features, threads=1)
    said = reasons(model, features, 20, threads=1)
    worth = (weights.abs() >= WORTH_SAYING).sum(axis=1)
    assert all(len(list(filter(None, text.split("; ")))) <= most for text, most in zip(said, worth, strict=True))


def test_the_longest_silent_hear_of_their_silence(scores: pd.DataFrame) -> None:
    silent = scores[scores["reasons"].str.contains("(?:^|; )silent for")]
    assert len(silent) > 100
    gaps = silent["reasons"].map(lambda text: float(re.findall(r"silent for ([\d.]+) of", text)[0]))
    assert gaps.median() > 1


def test_reasons_are_the_same_each_time_and_for_each_row_alone(
    shop: Shop, features: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = shop.registered.model
    first = reasons(model, features, 3, threads=1)
    monkeypatch.setattr(module, "ROWS", 7)
    assert reasons(model, features, 3, threads=2) == first
    assert [reasons(model, features.iloc[[row]], 3, threads=1)[0] for row in range(10)] == first[:10]


@pytest.mark.parametrize("most", [0, 1, 2, 10])
def test_as_many_reasons_as_asked_for(shop: Shop, features: pd.DataFrame, most: int) -> None:
    counts = [
        len(text.split("; ")) if text else 0 for text in reasons(shop.registered.model, features, most, threads=1)
    ]
    assert max(counts) <= most
    assert len(counts) == len(features)


def test_nobody_has_no_reasons(shop: Shop, features: pd.DataFrame) -> None:
    assert reasons(shop.registered.model, features.head(0), 3) == []


def test_the_typical_customer_is_told_nothing(shop: Shop) -> None:
    assert reasons(shop.registered.model, typical_row(shop.registered.model), 10) == [""]
