"""Training keeps a stage spec or fits one, says which and why, and refuses one that knows the answers."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from run_store import Store

from features.clock import Clock, to_date
from features.config import StageConfig
from features.errors import DataError, UsageError
from features.history import History
from features.stages.fit import fit_spec
from features.stages.spec import StageSpec
from training.choose import choose
from training.chosen import FIT, REFIT, Chosen, Wish
from training.config import Recipe
from training.log import Log
from training.train import Before, Trained, train


@pytest.fixture(scope="module")
def before(trained: Trained) -> int:
    return trained.judged.calibrate[0]


@pytest.fixture(scope="module")
def older(history: History, before: int) -> StageSpec:
    return fit_spec(history, before - 56, 28, StageConfig(), Clock())


def kept(spec: StageSpec, history: History, before: int, recipe: Recipe) -> Chosen:
    return choose(Wish(spec, "champion/3", spec.hash), Log.of(history), before, recipe)


def stretched(spec: StageSpec, factor: float, bands: range = range(4)) -> StageSpec:
    limits = [limit * (factor if band in bands else 1) for band, limit in enumerate(spec.silent_after)]
    return spec.model_copy(update={"silent_after": tuple(limits)})


def test_without_a_champion_a_spec_is_fitted(trained: Trained) -> None:
    chosen = trained.chosen
    assert (chosen.wish.origin, chosen.spec.hash) == (FIT, trained.model.spec.hash)
    assert chosen.told() == [
        f"Made stage spec {chosen.spec.hash}, fitted before {chosen.spec.fitted_before}:"
        " there is no champion whose spec could be kept."
    ]
    assert chosen.largest == 1


def test_a_kept_spec_is_the_models_and_no_other(
    history: History, as_of: int, recipe: Recipe, older: StageSpec, trained: Trained
) -> None:
    found = train(Log.of(history), as_of, recipe, lambda _: None, Before(Wish(older, "champion/3", older.hash)))

    assert found.model.spec == older != trained.model.spec
    assert found.model.contract.spec_hash == older.hash
    assert found.chosen.told()[0] == (
        f"Kept stage spec {older.hash} of champion version 3, fitted before {older.fitted_before}."
    )


def test_a_spec_made_at_the_same_cutoff_may_be_kept(
    history: History, before: int, recipe: Recipe, trained: Trained
) -> None:
    assert kept(trained.model.spec, history, before, recipe).spec == trained.model.spec


def test_a_spec_that_saw_what_judges_is_refused_with_both_dates(history: History, before: int, recipe: Recipe) -> None:
    peeks = fit_spec(history, before + 7, 28, StageConfig(), Clock())
    with pytest.raises(UsageError, match="champion version 3 has seen orders that are to judge") as refused:
        kept(peeks, history, before, recipe)

    assert to_date(before + 7).isoformat() in str(refused.value.got)
    assert to_date(before).isoformat() in str(refused.value.allowed)
    assert "--refit-spec" in str(refused.value.remedy)


def test_a_refit_is_told_beside_the_champions(history: History, before: int, recipe: Recipe) -> None:
    chosen = choose(Wish(None, REFIT, "0123456789abcdef"), Log.of(history), before, recipe)

    assert not chosen.comparable
    assert chosen.told()[0].startswith(f"Made stage spec {chosen.spec.hash} anew, as asked")
    assert "champion's stage spec is 0123456789abcdef" in chosen.told()[-1]
    assert "cannot be compared" in chosen.told()[-1]
    assert choose(Wish(None, REFIT, chosen.spec.hash), Log.of(history), before, recipe).comparable


@pytest.mark.parametrize("change", [{"clock": Clock("sun")}, {"period_days": 14}])
def test_another_clock_or_period_is_refused(
    history: History, before: int, recipe: Recipe, older: StageSpec, change: dict
) -> None:
    with pytest.raises(UsageError, match="another clock or period"):
        kept(older, history, before, replace(recipe, **change))


def test_a_spec_of_money_needs_money(orders: pd.DataFrame, before: int, recipe: Recipe, older: StageSpec) -> None:
    poor = History.of(orders[["customer_id", "ordered_at", "is_return"]])
    with pytest.raises(DataError, match=r"measures a customer.s level in money") as refused:
        kept(older, poor, before, recipe)
    assert "--refit-spec" in str(refused.value.remedy)


def test_a_rhythm_as_it_was_needs_no_note(history: History, before: int, recipe: Recipe, older: StageSpec) -> None:
    chosen = kept(older, history, before, recipe)
    assert chosen.largest < 1.25
    assert len(chosen.told()) == 1


def test_a_rhythm_that_moved_is_told(history: History, before: int, recipe: Recipe, older: StageSpec) -> None:
    chosen = kept(stretched(older, 1.6, range(1)), history, before, recipe)

    assert 1.25 < chosen.largest == pytest.approx(max(1 / chosen.ratios["1"], chosen.ratios["1"]))
    assert "the shop's rhythm has moved" in chosen.told()[1]
    assert f"{chosen.present.silent_after[0]:.0f} for {chosen.spec.silent_after[0]:.0f}" in chosen.told()[1]
    assert chosen.metrics() == {"spec/silence_ratio_max": chosen.largest}


def test_another_shop_is_asked_about(history: History, before: int, recipe: Recipe, older: StageSpec) -> None:
    assert "is this another shop?" in kept(stretched(older, 3.5), history, before, recipe).told()[1]
    assert "is this another shop?" in kept(stretched(older, 1 / 3.5), history, before, recipe).told()[1]


def test_orders_that_begin_after_the_spec_are_asked_about(
    orders: pd.DataFrame, before: int, recipe: Recipe, older: StageSpec
) -> None:
    moved = History.of(orders.assign(ordered_at=orders["ordered_at"] + pd.Timedelta(weeks=200)))
    chosen = kept(older, moved, before + 7 * 200, recipe)

    assert chosen.later
    assert f"which end before {older.fitted_before}" in chosen.told()[1]


def test_bands_that_are_defaults_say_nothing_of_the_rhythm(before: int, recipe: Recipe, older: StageSpec) -> None:
    day = np.datetime64(before - 100, "D").astype("datetime64[us]")
    few = pd.DataFrame({"customer_id": ["a", "b"], "ordered_at": day, "amount": 1.0, "is_return": False})
    chosen = kept(older, History.of(few), before, recipe)

    assert (chosen.ratios, chosen.largest) == ({}, 1)


def test_what_is_chosen_knows_no_future(
    orders: pd.DataFrame, before: int, recipe: Recipe, older: StageSpec, history: History
) -> None:
    past = History.of(orders[orders["ordered_at"] < pd.Timestamp(np.datetime64(before, "D"))])
    assert kept(older, past, before, recipe) == kept(older, history, before, recipe)


def test_the_run_says_it_all(store: Store, trained: Trained) -> None:
    run = store.run

    assert run.data.tags["spec_origin"] == run.data.params["spec_origin"] == FIT
    assert trained.chosen.told()[0] in run.data.tags["mlflow.note.content"]
    assert store.client.get_model_version("stagecast", "1").tags["spec_origin"] == FIT
    words = next(path for path in store.files() if path.name == "spec.md").read_text(encoding="utf-8")
    assert words.startswith(f"# Stage spec {trained.model.spec.hash}")
