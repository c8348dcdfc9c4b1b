"""The champion of the day is judged itself where it knows nothing of the answers, else by its recipe."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from features.clock import to_date
from features.history import History
from training.bench import Bench
from training.config import BoosterConfig, Recipe
from training.gate.evidence import said_by
from training.gate.standing import Ring, Standing, stand
from training.ladder import MODEL
from training.log import Log
from training.train import Trained


@pytest.fixture(scope="module")
def ring(trained: Trained, history: History, recipe: Recipe, as_of: int) -> Ring:
    bench = Bench(Log.of(history), trained.model.spec, recipe, as_of, lambda _: None)
    return Ring(bench, trained.judged.judge, said_by(trained.judgement.forecasts, MODEL) or {})


@pytest.fixture
def champion(trained: Trained, recipe: Recipe) -> Standing:
    return Standing(3, trained.model, trained.end, recipe.training)


def test_what_knew_nothing_of_the_answers_is_judged_itself(ring: Ring, champion: Standing, trained: Trained) -> None:
    old = replace(champion, end=ring.cutoffs[0])
    stood = stand(old, ring)
    assert stood.words == "champion version 3 itself"
    forecast = trained.model.forecast(trained.judgement.features)
    assert stood.said is not None
    np.testing.assert_array_equal(stood.said["order"], forecast.p_order)
    np.testing.assert_array_equal(stood.said["next stage"], forecast.stages)
    assert set(stood.said) == {"order", "regression", "next stage", "spend"}


def test_one_more_day_is_too_much(ring: Ring, champion: Standing) -> None:
    assert "itself" not in stand(replace(champion, end=ring.cutoffs[0] + 1), ring).words


def test_the_same_recipe_says_the_same_without_a_fit(ring: Ring, champion: Standing) -> None:
    stood = stand(champion, ring)
    assert stood.said is ring.challenger
    assert "the same recipe" in stood.words
    assert f"on cut-offs from {to_date(champion.end or 0)} on" in stood.words


@pytest.mark.slow
def test_another_recipe_is_fitted_on_the_same_split(
    ring: Ring, champion: Standing, history: History, changed: Callable[..., Recipe], trained: Trained
) -> None:
    other = changed(booster=BoosterConfig(rounds=2, min_data_in_leaf=20), judge_cutoffs=5, model_name="other")
    stood = stand(replace(champion, config=other.training), ring)
    bench = Bench(Log.of(history), trained.model.spec, other, ring.bench.end, lambda _: None)
    model, _ = bench.fit(trained.judged)
    assert stood.said is not None
    assert "its recipe, fitted on the same orders" in stood.words
    np.testing.assert_array_equal(stood.said["order"], model.forecast(trained.judgement.features).p_order)


def test_under_another_spec_not_even_an_old_champion_is_judged_itself(ring: Ring, champion: Standing) -> None:
    spec = champion.model.spec.model_copy(update={"order_days": 7})
    stood = stand(replace(champion, model=replace(champion.model, spec=spec), end=ring.cutoffs[0]), ring)
    assert "the same recipe" in stood.words


def test_who_cannot_be_judged_is_told_and_stops_nothing(ring: Ring, champion: Standing) -> None:
    stood = stand(replace(champion, config=None), ring)
    assert stood.said is None
    assert stood.words == "champion version 3 could not be judged: its run does not say how it was trained"


def test_no_code_is_imported_because_a_model_names_it(ring: Ring, champion: Standing) -> None:
    contract = champion.model.contract
    declared = contract.declared.model_copy(update={"code": ("antigravity:fly",)})
    model = replace(champion.model, contract=contract.model_copy(update={"declared": declared}))
    config = (champion.config or ring.bench.recipe.training).model_copy(update={"fit_weeks": 7})
    for end in (champion.end, ring.cutoffs[0]):
        stood = stand(replace(champion, model=model, end=end, config=config), ring)
        assert stood.said is None
        assert "tables or code that are not here (antigravity:fly)" in stood.words
