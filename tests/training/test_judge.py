"""Judging: names that stay, signs that are right, and a bad model that is called one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.model.ahead import Ahead
from features.model.calibration import BetaMap, Blend
from features.model.forecast import Forecast, Model
from training import metrics
from training.bootstrap import Resampling
from training.forecasts import Forecasts
from training.judge import Judgement, Judging, judge
from training.ladder import MODEL, NO_MODEL, binary_ladder, spend_ladder, stage_ladder
from training.standing import by_standing
from training.table import Table
from training.train import Trained

JUDGING = Judging(Resampling(200, seed=3))
BINARY = ["log_loss", "auroc", "average_precision", "brier", "calibration_error", "lift_10"]
HEADLINE = {
    *(f"judge/order_{name}" for name in BINARY),
    *(f"judge/regression_{name}" for name in (*BINARY, "profit", "empc")),
    *(f"judge/next_stage_{name}" for name in ("log_loss", "ranked_log_loss", "macro_f1")),
    *(f"judge/spend_{name}" for name in ("bias", "gini", "spearman", "decile_error", "covered")),
}


@pytest.fixture(scope="session")
def judgement(trained: Trained) -> Judgement:
    return trained.judgement


@pytest.fixture(scope="session")
def past(fitted_on: Table, calibrated_on: Table) -> Table:
    return fitted_on.stack(calibrated_on)


@pytest.fixture(scope="session")
def bad(trained: Trained, past: Table, judged_on: Table) -> Judgement:
    """A model that is sure of the wrong level of both probabilities."""
    off = trained.model.calibration.model_copy(update={"order": Blend(c=4.0), "regression": BetaMap(c=-5.0)})
    return judge(replace(trained.model, calibration=off), past, judged_on, JUDGING, threads=1)


@pytest.fixture(scope="session")
def oracle(trained: Trained, past: Table, judged_on: Table) -> Judgement:
    """A model that knows what came."""
    labels = judged_on.labels
    known = np.where(np.eye(4, dtype=bool)[labels.next_stage], 0.97, 0.01)
    nothing = np.full(len(judged_on), np.nan)
    money = Ahead(nothing, np.maximum(labels.spend, 0), nothing, nothing)
    said = Forecast(known, np.where(labels.ordered, 0.98, 0.02), money, money, nothing)
    return judge(_Knowing.of(trained.model, said), past, judged_on, JUDGING)


class _Knowing(Model):
    @classmethod
    def of(cls, model: Model, said: Forecast) -> "_Knowing":
        knowing = cls(**vars(replace(model)))
        object.__setattr__(knowing, "said", said)
        return knowing

    def forecast(self, features: pd.DataFrame, threads: int = 0) -> Forecast:
        return self.said  # type: ignore[attr-defined, no-any-return]


def test_the_names_of_the_headline_metrics_stay(judgement: Judgement) -> None:
    assert set(judgement.headline()) == HEADLINE


def test_the_headline_is_the_models_own_and_finite(judgement: Judgement) -> None:
    headline, forecast, labels = judgement.headline(), judgement.forecast, judgement.table.labels

    assert headline["judge/order_log_loss"] == metrics.log_loss(labels.ordered, forecast.p_order)
    assert headline["judge/regression_auroc"] == metrics.auroc(labels.regression, forecast.p_regression)
    assert headline["judge/next_stage_log_loss"] == metrics.stage_log_loss(labels.next_stage, forecast.stages)
    assert headline["judge/spend_bias"] == metrics.total_bias(labels.spend, forecast.expected_spend)
    nothing = replace(judgement.card, scores=judgement.card.scores.assign(auroc=np.nan, brier=np.inf))
    finite = {name for name in HEADLINE if not name.endswith(("auroc", "brier"))}
    assert set(replace(judgement, card=nothing).headline()) == finite


def test_the_ladder(judgement: Judgement, past: Table, judged_on: Table) -> None:
    ladder = judgement.scores.groupby("target", sort=False)["predictor"].apply(list).to_dict()

    assert ladder == {
        "order": [MODEL, *binary_ladder("order", past, judged_on, 28)],
        "regression": [MODEL, *binary_ladder("regression", past, judged_on, 28)],
        "next stage": [MODEL, *stage_ladder(past, judged_on)],
        "spend": [MODEL, *spend_ladder(judged_on, 28, past)],
    }
    assert set(NO_MODEL) <= set(judgement.differences["baseline"])


def test_the_ladder_does_not_know_what_came_after_the_judged_snapshots(
    trained: Trained, judgement: Judgement, past: Table, judged_on: Table
) -> None:
    turned = replace(judged_on.labels, next_stage=judged_on.labels.next_stage[::-1], ordered=~judged_on.labels.ordered)
    other = replace(judged_on, labels=turned)
    one, two = (Forecasts.of(judgement.forecast, past, later, 28).said for later in (judged_on, other))

    assert one.keys() == two.keys()
    for target, ladder in one.items():
        assert ladder.keys() == two[target].keys()
        assert all(np.array_equal(p, two[target][name]) for name, p in ladder.items()), target


def test_it_is_judged_on_the_later_snapshots(judgement: Judgement, trained: Trained) -> None:
    assert sorted(set(judgement.table.snapshots.cutoff)) == trained.judged.judge


def test_differences_are_the_model_less_the_baseline(judgement: Judgement, oracle: Judgement, bad: Judgement) -> None:
    for judged in (judgement, oracle, bad):
        scores = judged.scores.set_index(["target", "predictor"])
        for row in judged.differences.itertuples():
            mine, theirs = scores.loc[(row.target, MODEL)], scores.loc[(row.target, row.baseline)]
            if row.target == "spend":
                assert row.gini == pytest.approx(mine["gini"] - theirs["gini"], abs=1e-12)
                assert row.absolute_bias == pytest.approx(abs(mine["bias"]) - abs(theirs["bias"]), abs=1e-12)
                continue
            assert row.log_loss == pytest.approx(mine["log_loss"] - theirs["log_loss"], abs=1e-12)
            assert row.log_loss_low <= row.log_loss <= row.log_loss_high
            if row.target in ("order", "regression"):
                assert row.auroc == pytest.approx(mine["auroc"] - theirs["auroc"], abs=1e-12)
                assert row.auroc_low <= row.auroc <= row.auroc_high


def test_a_model_that_knows_is_better_everywhere(oracle: Judgement) -> None:
    differences, headline = oracle.differences, oracle.headline()

    assert (differences["log_loss_high"].dropna() < 0).all()
    assert (differences["auroc_low"].dropna() > 0).all()
    assert oracle.losses() == []
    assert headline["judge/order_auroc"] == headline["judge/regression_auroc"] == 1
    assert headline["judge/next_stage_macro_f1"] == 1


def test_a_bad_model_is_called_one_in_words(bad: Judgement) -> None:
    losses = bad.losses()

    assert any(line.startswith("order: log loss +") and line.endswith("against base rate") for line in losses)
    assert any(line.startswith("regression: log loss +") and line.endswith("against stage table") for line in losses)
    assert any(line.startswith("next stage: log loss +") for line in losses)
    assert not any(line.endswith(("recency", "logistic RFM", "BG/NBD")) for line in losses)


def test_a_model_that_is_worse_by_chance_is_not_called_bad(judgement: Judgement) -> None:
    def with_bounds(low: float, high: float) -> list[str]:
        row = {"target": "order", "group": "all", "baseline": "base rate"}
        row |= {"log_loss": 0.1, "log_loss_low": low, "log_loss_high": high}
        return replace(judgement, card=replace(judgement.card, differences=pd.DataFrame([row]))).losses()

    assert with_bounds(-0.01, 0.2) == []
    assert with_bounds(np.nan, np.nan) == []
    assert with_bounds(0.01, 0.2) == ["order: log loss +0.1000 [+0.0100, +0.2000] against base rate"]


def test_groups_where_the_outcome_is_open(judgement: Judgement) -> None:
    rows, table = by_standing(judgement).set_index("group"), judgement.table

    assert list(rows.index) == [
        *("all", "examination", "formative", "stable", "regression", "slipping", "silent", "lost"),
        *("not in regression", "without the lost", "one-time buyers"),
    ]
    assert rows["snapshots"].iloc[1:5].sum() == rows.loc["all", "snapshots"] == len(table)
    assert rows.loc[["slipping", "silent", "lost"], "snapshots"].sum() == rows.loc["regression", "snapshots"]
    assert rows.loc["without the lost", "snapshots"] == len(table) - (table.now.sub_state == 3).sum()
    once = table.facts["order_days"].to_numpy() == 1
    assert rows.loc["one-time buyers", "snapshots"] == once.sum()
    assert rows.loc["one-time buyers", "order rate"] == table.labels.ordered[once].mean()
    stable, p = table.now.stage == 2, judgement.forecast.p_regression
    assert rows.loc["stable", "regression log loss"] == metrics.log_loss(table.labels.regression[stable], p[stable])
    assert rows.loc["stable", "regression predicted"] == p[stable].mean()
