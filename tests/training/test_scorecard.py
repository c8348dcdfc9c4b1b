"""The scorecard: every table against the same thing worked out another way, and the laws of a fair judgement."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.stats
import sklearn.metrics
from made_forecasts import made_forecasts

from features.stages.moves import STAGES
from training import bootstrap, metrics
from training.bootstrap import Clusters, Resampling, paired_auroc_interval, paired_interval
from training.compared import Means
from training.config import Costs
from training.forecasts import Forecasts
from training.groups import groups
from training.judge import Judging, judge_forecasts
from training.profit import earned
from training.scorecard import Scorecard
from training.targets import SaidToHappen

RESAMPLING = Resampling(200, seed=3)
JUDGING = Judging(RESAMPLING)
TABLES = ("scores", "differences", "by_cutoff", "spread", "moves", "reliability", "gains", "profits")


@pytest.fixture(scope="module")
def forecasts() -> Forecasts:
    return made_forecasts(1500)


@pytest.fixture(scope="module")
def card(forecasts: Forecasts) -> Scorecard:
    return judge_forecasts(forecasts, JUDGING)


@pytest.fixture(scope="module")
def scores(card: Scorecard) -> pd.DataFrame:
    return card.scores.set_index(["target", "group", "predictor"])


@pytest.fixture(scope="module")
def differences(card: Scorecard) -> pd.DataFrame:
    return card.differences.set_index(["target", "group", "baseline"])


def test_every_predictor_stands_in_every_group(forecasts: Forecasts, scores: pd.DataFrame) -> None:
    names = [name for name, _ in groups(forecasts)]
    assert names == [
        *("all", "examination", "formative", "stable", "regression", "slipping", "silent", "lost"),
        *("not in regression", "without the lost", "one-time buyers"),
    ]
    assert list(scores.index) == [
        (target, group, predictor) for target, predictor in forecasts.each() for group in names
    ]


def test_scores_are_the_metrics_of_the_rows_of_each_group(forecasts: Forecasts, scores: pd.DataFrame) -> None:
    for group, inside in groups(forecasts):
        for target, y in (("order", forecasts.ordered), ("regression", forecasts.next_stage == 3)):
            for predictor, said in list(forecasts.said[target].items())[:2]:
                row, came, p = scores.loc[(target, group, predictor)], y[inside], said[inside]
                assert row["snapshots"] == inside.sum()
                assert row["observed"] == came.mean()
                assert row["predicted"] == pytest.approx(p.mean())
                assert row["log_loss"] == pytest.approx(sklearn.metrics.log_loss(came, p))
                assert row["auroc"] == pytest.approx(sklearn.metrics.roc_auc_score(came, p))
                assert row["average_precision"] == pytest.approx(sklearn.metrics.average_precision_score(came, p))
                assert row["brier"] == pytest.approx(sklearn.metrics.brier_score_loss(came, p))
                assert row["calibration_error"] == pytest.approx(metrics.calibration_error(came, p))
                for share in (5, 10, 20):
                    assert row[f"lift_{share}"] == pytest.approx(metrics.lift_at(came, p, share / 100))
                    assert row[f"gain_{share}"] == pytest.approx(metrics.gain_at(came, p, share / 100))


def test_scores_of_stages_and_spend(forecasts: Forecasts, scores: pd.DataFrame) -> None:
    for group, inside in groups(forecasts):
        came, p = forecasts.next_stage[inside], forecasts.said["next stage"]["stagecast"][inside]
        row = scores.loc[("next stage", group, "stagecast")]
        assert row["log_loss"] == pytest.approx(sklearn.metrics.log_loss(came, p, labels=range(4)))
        assert row["ranked_log_loss"] == pytest.approx(metrics.ranked_stage_log_loss(came, p))
        best = p.argmax(axis=1)
        assert row["macro_f1"] == pytest.approx(sklearn.metrics.f1_score(came, best, average="macro"))
        spend, said = forecasts.spend[inside], forecasts.said["spend"]["usual"][inside]
        row = scores.loc[("spend", group, "usual")]
        assert row["bias"] == pytest.approx(said.sum() / spend.sum() - 1)
        assert row["gini"] == pytest.approx(metrics.normalised_gini(spend, said))
        assert row["spearman"] == pytest.approx(scipy.stats.spearmanr(spend, said).statistic)


def test_profit_is_of_customers_who_can_still_be_kept(forecasts: Forecasts, scores: pd.DataFrame) -> None:
    kept = forecasts.stage != 3
    p, left = forecasts.said["regression"]["blurred"][kept], forecasts.next_stage[kept] == 3
    row = scores.query("target == 'regression' and predictor == 'blurred'").droplevel(["target", "predictor"])

    assert row.loc["all", "profit"] == pytest.approx(earned(left, p, Costs()).mean())
    assert row.loc["all", "profit"] == row.loc["not in regression", "profit"] < row.loc["all", "empc"]
    assert np.isnan(row.loc[["regression", "lost"], ["profit", "empc"]].to_numpy()).all()
    assert scores.query("target == 'order'")["profit"].isna().all()


def test_dearer_incentives_earn_less(forecasts: Forecasts) -> None:
    few = replace(forecasts, said={"regression": forecasts.said["regression"]})

    def most(incentive: float) -> float:
        card = judge_forecasts(few, Judging(Resampling(1), Costs(incentive=incentive)))
        return float(card.scores["empc"].iloc[0])

    assert most(1) > most(10) > most(50) >= 0


def test_differences_have_the_intervals_of_the_paired_bootstrap(
    forecasts: Forecasts, differences: pd.DataFrame
) -> None:
    for group, inside in groups(forecasts):
        y, customer = forecasts.ordered[inside], forecasts.customer[inside]
        mine, theirs = (forecasts.said["order"][who][inside] for who in ("stagecast", "blurred"))
        row = differences.loc[("order", group, "blurred")]
        loss = paired_interval(metrics.log_losses(y, mine), metrics.log_losses(y, theirs), customer, RESAMPLING)
        rank = paired_auroc_interval(y, mine, theirs, customer, RESAMPLING)
        assert row["log_loss"] == pytest.approx(loss.estimate)
        assert row["auroc"] == pytest.approx(rank.estimate)
        near = 0.3 * (loss.high - loss.low), 0.3 * (rank.high - rank.low)  # other draws: here of all customers
        assert (row["log_loss_low"], row["log_loss_high"]) == pytest.approx((loss.low, loss.high), abs=near[0])
        assert (row["auroc_low"], row["auroc_high"]) == pytest.approx((rank.low, rank.high), abs=near[1])
        relative = metrics.log_loss(y, mine) / metrics.log_loss(y, theirs) - 1
        assert row["log_loss_share"] == pytest.approx(relative)
        assert row["log_loss_share_low"] < relative < row["log_loss_share_high"]


def test_over_all_rows_the_draws_are_the_same(forecasts: Forecasts, differences: pd.DataFrame) -> None:
    y, (mine, theirs, _) = forecasts.ordered, forecasts.said["order"].values()
    losses = [metrics.log_losses(y, p) for p in (mine, theirs)]
    interval = paired_interval(losses[0], losses[1], forecasts.customer, RESAMPLING)
    row = differences.loc[("order", "all", "blurred")]

    assert (row["log_loss_low"], row["log_loss_high"]) == pytest.approx((interval.low, interval.high))


def test_spend_is_compared_by_what_ranks_and_what_adds_up(scores: pd.DataFrame, differences: pd.DataFrame) -> None:
    mine, theirs = (scores.loc[("spend", "all", who)] for who in ("stagecast", "usual"))
    row = differences.loc[("spend", "all", "usual")]

    assert row["gini"] == pytest.approx(mine["gini"] - theirs["gini"])
    assert row["gini_low"] < row["gini"] < row["gini_high"]
    assert row["absolute_bias"] == pytest.approx(abs(mine["bias"]) - abs(theirs["bias"]))
    assert row["absolute_bias_low"] < row["absolute_bias"] < row["absolute_bias_high"]
    assert np.isnan(row["log_loss"])


def test_the_gini_interval_is_that_of_resampled_rows(forecasts: Forecasts, differences: pd.DataFrame) -> None:
    codes, known = bootstrap._customers(forecasts.customer)
    mine, theirs = forecasts.said["spend"].values()

    def drawn(weights: np.ndarray) -> float:
        rows = np.repeat(np.arange(len(codes)), weights[codes].astype(int))
        spend = forecasts.spend[rows]
        return metrics.normalised_gini(spend, mine[rows]) - metrics.normalised_gini(spend, theirs[rows])

    low, high = np.quantile([drawn(weights) for weights in RESAMPLING.weights(known)], [0.025, 0.975])
    row = differences.loc[("spend", "all", "usual")]
    assert (row["gini_low"], row["gini_high"]) == pytest.approx((low, high), abs=0.1 * (high - low))


def test_by_cutoff_is_a_judgement_of_that_cutoff(forecasts: Forecasts, card: Scorecard) -> None:
    assert sorted(set(card.by_cutoff["cutoff"])) == forecasts.cutoffs
    for cutoff in forecasts.cutoffs[:2]:
        rows = card.by_cutoff[card.by_cutoff["cutoff"] == cutoff]
        alone = judge_forecasts(forecasts.only(forecasts.cutoff == cutoff), Judging(Resampling(1)))
        whole = alone.scores.query("group == 'all'").drop(columns="group")
        pd.testing.assert_frame_equal(
            rows.drop(columns="cutoff").reset_index(drop=True), whole.reset_index(drop=True), check_exact=True
        )
    within = card.by_cutoff.query("target == 'order' and predictor == 'stagecast'")["auroc"].mean()
    assert card.scores.iloc[0]["auroc_within"] == pytest.approx(within)


def test_spread_is_over_cutoffs(card: Scorecard) -> None:
    rows = card.by_cutoff.query("target == 'regression' and predictor == 'blurred'")["empc"]
    found = card.spread.query("target == 'regression' and predictor == 'blurred' and metric == 'empc'").iloc[0]

    assert found[["cutoffs", "mean", "std", "min", "max"]].tolist() == pytest.approx(
        [4, rows.mean(), rows.std(ddof=1), rows.min(), rows.max()]
    )
    assert not card.spread.query("target == 'order'")["metric"].isin(["empc", "gini", "macro_f1"]).any()


def test_moves_are_judged_among_those_who_could_make_them(forecasts: Forecasts, card: Scorecard) -> None:
    legal = {"examination": [0, 1, 3], "formative": [1, 2, 3], "stable": [1, 2, 3], "regression": [0, 1, 3]}
    moves = card.moves.set_index(["from", "to", "predictor"])

    assert len(moves) == 12 * 2
    for k, (origin, destinations) in enumerate(legal.items()):
        inside = forecasts.stage == k
        for to in destinations:
            row = moves.loc[(origin, STAGES[to], "stagecast")]
            moved, p = forecasts.next_stage[inside] == to, forecasts.said["next stage"]["stagecast"][inside, to]
            assert row["snapshots"] == inside.sum()
            assert row["auroc"] == pytest.approx(sklearn.metrics.roc_auc_score(moved, p))
            assert row["log_loss"] == pytest.approx(sklearn.metrics.log_loss(moved, p))


def test_curves(forecasts: Forecasts, card: Scorecard) -> None:
    curve = metrics.reliability_curve(forecasts.ordered, forecasts.said["order"]["blurred"])
    points = card.reliability.query("target == 'order' and predictor == 'blurred'")
    assert points["predicted"].to_numpy() == pytest.approx(curve.predicted)
    assert points["count"].sum() == len(forecasts)
    for _, gains in card.gains.groupby(["target", "predictor"]):
        assert gains["gain"].iloc[[0, -1]].tolist() == pytest.approx([0, 1])
        assert gains["gain"].is_monotonic_increasing
    straight = card.gains.query("predictor == 'base rate'")
    assert straight["gain"].to_numpy() == pytest.approx(straight["share"].to_numpy())
    found = card.profits.query("predictor == 'stagecast'").set_index("share")["profit"]
    everybody = earned(forecasts.next_stage == 3, np.ones(len(forecasts)), Costs())[forecasts.stage != 3].mean()
    assert (found.loc[0], found.loc[1]) == pytest.approx((0, everybody))


def test_the_order_of_rows_is_idle(forecasts: Forecasts, card: Scorecard) -> None:
    shuffled = Forecasts.of_frame(forecasts.frame().sample(frac=1, random_state=1).reset_index(drop=True))
    other = judge_forecasts(shuffled, JUDGING)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(other, name), getattr(card, name), rtol=1e-9, atol=1e-12)


def test_judging_twice_says_the_same(forecasts: Forecasts, card: Scorecard) -> None:
    again = judge_forecasts(forecasts, JUDGING)
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(again, name), getattr(card, name), check_exact=True)


def test_one_more_predictor_changes_nothing_for_the_others(forecasts: Forecasts, card: Scorecard) -> None:
    more = judge_forecasts(forecasts.beside("order", "champion", forecasts.said["order"]["blurred"]), JUDGING)
    kept = more.differences[more.differences["baseline"] != "champion"].reset_index(drop=True)

    pd.testing.assert_frame_equal(kept, card.differences, check_exact=True)


def test_another_model_mirrors_the_differences(forecasts: Forecasts, differences: pd.DataFrame) -> None:
    other = judge_forecasts(forecasts, JUDGING, model="blurred").differences
    assert set(other["target"]) == {"order", "regression"}  # where it said something
    back = other.set_index(["target", "group", "baseline"]).loc[("order", "all", "stagecast")]
    there = differences.loc[("order", "all", "blurred")]
    for name in ("log_loss", "auroc", "auroc_within"):
        mirrored = -there[name], -there[f"{name}_high"], -there[f"{name}_low"]
        assert (back[name], back[f"{name}_low"], back[f"{name}_high"]) == pytest.approx(mirrored)


def test_a_model_that_knows_is_better_and_one_does_not_differ_from_itself(forecasts: Forecasts) -> None:
    same = forecasts.beside("order", "twin", forecasts.said["order"]["stagecast"])
    differences = judge_forecasts(same, JUDGING).differences.set_index(["target", "group", "baseline"])

    assert differences.loc[("order", "all", "blurred"), "log_loss_high"] < 0
    assert differences.loc[("order", "all", "blurred"), "auroc_low"] > 0
    twin = differences.loc[("order", slice(None), "twin"), :].dropna(axis=1, how="all")
    assert (twin == 0).all(axis=None)


def test_few_rows_say_little_and_break_nothing(forecasts: Forecasts) -> None:
    one = judge_forecasts(forecasts.only(np.arange(len(forecasts)) < 1), JUDGING)
    assert np.isnan(one.scores["auroc"]).all()
    assert np.isnan(one.differences["log_loss_low"]).all()
    nothing_happens = replace(forecasts, ordered=np.zeros(len(forecasts), dtype=bool))
    row = judge_forecasts(nothing_happens, JUDGING).differences.iloc[0]
    assert np.isnan([row["auroc"], row["auroc_low"], row["auroc_high"]]).all()
    assert row["log_loss_low"] <= row["log_loss"] <= row["log_loss_high"]


def test_only_probabilities_of_an_order(forecasts: Forecasts) -> None:
    card = judge_forecasts(replace(forecasts, said={"order": forecasts.said["order"]}), JUDGING)
    assert set(card.scores["target"]) == {"order"}
    assert card.moves.empty
    assert card.profits.empty


def test_customers_dealt_into_groups_give_nearly_the_same_intervals(monkeypatch: pytest.MonkeyPatch) -> None:
    forecasts = made_forecasts(4000, customers=3000)
    said = replace(forecasts, said={"order": forecasts.said["order"]})
    exact = judge_forecasts(said, Judging(Resampling(500))).differences.iloc[0]
    monkeypatch.setattr(bootstrap, "MOST_CLUSTERS", 500)
    dealt = judge_forecasts(said, Judging(Resampling(500))).differences.iloc[0]

    for name in ("log_loss", "auroc"):
        assert dealt[name] == pytest.approx(exact[name])
        width = exact[f"{name}_high"] - exact[f"{name}_low"]
        assert dealt[f"{name}_high"] - dealt[f"{name}_low"] == pytest.approx(width, rel=0.2)


def test_customers_are_dealt_whole_and_evenly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "MOST_CLUSTERS", 10)
    customers = np.repeat([f"c{k}" for k in range(95)], 3)
    dealt = Clusters.of(customers, RESAMPLING)

    assert dealt.number == 10
    assert pd.Series(dealt.code).groupby(customers).nunique().max() == 1
    assert set(np.bincount(dealt.code) // 3) == {9, 10}


@pytest.mark.slow
def test_the_auroc_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng, hits = np.random.default_rng(3), 0
    customers, cutoff, every = np.repeat(np.arange(150), 2), np.zeros(300, dtype=np.int64), np.arange(300)
    for seed in range(200):
        y = np.repeat(rng.random(150) < 0.4, 2)
        common = np.repeat(rng.normal(size=150), 2) + y
        means = Means(Clusters.of(customers, Resampling(200, seed)))
        for name in ("stagecast", "other"):  # equally good, so the truth is 0
            p = 1 / (1 + np.exp(-common - rng.normal(size=300)))
            means.add(("order", "all"), name, SaidToHappen.of(y, p, cutoff), every)
        row = means.differences("stagecast").iloc[0]
        hits += row["auroc_low"] <= 0 <= row["auroc_high"]
    assert 0.91 <= hits / 200 <= 0.985
