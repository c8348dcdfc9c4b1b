"""A grade says what the scorecard says, keeps to what was known, and is found only once."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.grade import Grade
from features.history import History
from features.history.measures import Measures
from features.stages.moves import STAGES
from training.bootstrap import Resampling
from training.config import Recipe, TrainingConfig
from training.forecasts import Forecasts
from training.grading.grade import Truth, grade
from training.grading.known import known_then
from training.grading.lately import LATELY
from training.grading.tables import tables
from training.grading.week import Week
from training.grading.words import changed
from training.judge import Judging, judge_forecasts
from training.ladder import MODEL
from training.metrics import log_loss
from training.table import Table
from training.train import Trained

JUDGING = Judging(Resampling(100))


@pytest.fixture(scope="module")
def config(changed_recipe: Recipe) -> TrainingConfig:
    return changed_recipe.training


@pytest.fixture(scope="module")
def changed_recipe(changed: Callable[..., Recipe]) -> Recipe:
    return changed()


@pytest.fixture(scope="module")
def found(week: Week, truth: Truth, config: TrainingConfig) -> Grade:
    return grade(week, truth, config, JUDGING)


def test_it_is_json_and_back(found: Grade) -> None:
    assert Grade.model_validate(json.loads(json.dumps(found.model_dump(mode="json")))) == found


def test_its_numbers_are_those_of_the_scorecard(
    found: Grade, week: Week, table_at: Callable[..., Table], history: History, config: TrainingConfig
) -> None:
    later, past = table_at([week.day]), known_then(week, history, config)
    assert past is not None
    card = judge_forecasts(Forecasts.laddered(week.said(np.arange(len(later))), past, later, 28), JUDGING)
    mine = card.scores[card.scores["predictor"] == MODEL]

    for row in mine.to_dict("records"):
        for name in ("observed", "predicted", "log_loss", "auroc", "bias", "gini"):
            value = found.metric(row["target"], name, row["group"])
            assert value == row[name] if np.isfinite(row.get(name, np.nan)) else value is None
    assert found.metric("order", "log_loss") == pytest.approx(
        log_loss(later.labels.ordered, week.scores["p_order"].to_numpy())
    )
    assert {one.group for one in found.scores} > {"all", "lost", "one-time buyers", *STAGES}


def test_deciles_hold_everybody(found: Grade) -> None:
    for target, total in (("order", found.counts.ordered), ("regression", found.counts.regressed)):
        deciles = [one for one in found.deciles if one.target == target]
        assert sum(one.customers for one in deciles) == found.counts.judged
        assert sum(one.customers * one.observed for one in deciles) == pytest.approx(total)
        assert [one.predicted for one in deciles] == sorted(one.predicted for one in deciles)
    spend = [one for one in found.deciles if one.target == "spend"]
    assert sum(one.customers * one.observed for one in spend) == pytest.approx(found.counts.spend)


def test_it_stands_beside_the_best_of_the_ladder(found: Grade) -> None:
    assert [(one.target, one.metric) for one in found.ladder] == [
        *((target, "log_loss") for target in ("order", "regression", "next stage")),
        ("spend", "gini"),
    ]
    assert all(one.low <= one.ours - one.theirs <= one.high for one in found.ladder)


def test_baselines_learn_from_what_was_known(week: Week, history: History, config: TrainingConfig) -> None:
    """Every order from the cut-off on is replaced by another customer's: the same table."""
    later = history.day >= week.day
    scrambled = Measures({name: np.where(later, values[::-1], values) for name, values in history.columns.items()})
    one, other = (known_then(week, each, config) for each in (history, replace(history, columns=scrambled)))
    assert one is not None
    assert other is not None
    assert one.facts.equals(other.facts)
    np.testing.assert_array_equal(one.labels.spend, other.labels.spend)
    assert (one.snapshots.cutoff + 28 <= week.day).all()


def test_the_same_scores_and_outcomes_keep_the_grade(
    week: Week, truth: Truth, config: TrainingConfig, found: Grade
) -> None:
    before = found.model_copy(update={"graded_at": "2021-02-15T00:00:00+00:00"})
    assert grade(week, truth, config, JUDGING, {week.as_of: before}) is before
    assert grade(week, truth, config, JUDGING).model_dump(exclude={"graded_at"}) == found.model_dump(
        exclude={"graded_at"}
    )


@pytest.mark.slow
def test_late_orders_are_told(week: Week, truth: Truth, config: TrainingConfig, found: Grade) -> None:
    few = week.scores.iloc[:-3]
    again = grade(replace(week, scores=few), truth, config, JUDGING, {week.as_of: found})

    assert again.counts.unscored == 3
    assert any("3 customers with an order before the cut-off were not scored" in note for note in again.notes)
    told = changed(found, again)
    assert f"customers graded {found.counts.judged - 3:,} (before {found.counts.judged:,})" in told
    other = found.model_copy(update={"model_version": 9})
    assert "scored again, by stagecast version 9" in changed(found, other)


def test_weeks_before_of_the_same_version_are_looked_at_together(
    week: Week, truth: Truth, config: TrainingConfig, found: Grade
) -> None:
    before = found.model_copy(update={"as_of": "2021-01-11"})
    other = before.model_copy(update={"model_version": 9})
    together, alone = (
        grade(week, truth, config, JUDGING, {one.as_of: one, week.as_of: found}) for one in (before, other)
    )

    assert alone is found
    assert [one.target for one in together.promises if one.metric == LATELY] == ["order", "regression", "spend"]
    assert together.digest != found.digest
    assert grade(week, truth, config, JUDGING, {before.as_of: before, week.as_of: together}) is together


def test_a_week_turned_upside_down_raises_an_alarm(
    week: Week, truth: Truth, config: TrainingConfig, found: Grade
) -> None:
    wrong = grade(replace(week, scores=week.scores.assign(p_order=1 - week.scores["p_order"])), truth, config, JUDGING)

    assert wrong.alarm is not None
    assert wrong.alarm.startswith("stagecast version 3 did worse than it had promised. Order: the log loss was ")
    assert "above that of the stage table" in wrong.alarm
    assert found.alarm is None or "Order: the log loss" not in found.alarm


@pytest.mark.slow
def test_without_a_promise_nothing_is_held_against_it(week: Week, truth: Truth, config: TrainingConfig) -> None:
    unpromised = grade(replace(week, scorer=replace(week.scorer, judged=None)), truth, config, JUDGING)
    assert not unpromised.promises
    assert unpromised.alarm is None
    assert any("nothing was promised" in note for note in unpromised.notes)


@pytest.mark.slow
def test_orders_that_begin_late_leave_no_ladder(week: Week, truth: Truth, changed: Callable[..., Recipe]) -> None:
    config = changed(min_history_weeks=200).training
    bare = grade(week, truth, config, JUDGING)
    assert not bare.ladder
    assert any("no ladder" in note for note in bare.notes)
    assert {one.metric for one in bare.promises} == {"observed"}


@pytest.mark.slow
def test_a_shop_without_money_has_a_grade(
    week: Week, orders: pd.DataFrame, as_of: int, config: TrainingConfig, trained: Trained
) -> None:
    """Under a spec whose level is counted in order-days."""
    poor = History.of(orders[["customer_id", "ordered_at"]].assign(is_return=False))
    spec = trained.model.spec.model_copy(update={"level_measure": "order_day_units"})
    scorer = replace(week.scorer, spec=spec, columns=(), judged=None)
    moneyless = replace(week, scorer=scorer, scores=week.scores.assign(expected_spend=np.nan))
    found = grade(moneyless, Truth(poor, as_of), config, JUDGING)

    assert {one.target for one in found.scores} == {"order", "regression", "next stage"}
    assert [one.metric for one in found.ladder] == ["log_loss"] * 3
    assert found.counts.spend is None


def test_its_tables_hold_every_number(found: Grade) -> None:
    made = tables([found, found.model_copy(update={"as_of": "2021-01-25"})])
    assert list(made) == ["by_group", "deciles", "ladder", "promises", "counts"]
    assert all(list(frame.columns[:2]) == ["week", "version"] for frame in made.values())
    lost = made["by_group"].query("week == @found.as_of and target == 'order' and group == 'lost'")
    assert lost["log_loss"].item() == found.metric("order", "log_loss", "lost")
    assert made["deciles"].groupby("week")["customers"].sum().nunique() == 1
    assert made["deciles"]["decile"].min() == 1
    assert len(made["counts"]) == 2
