"""What a backtest tells: numbers that are those of its parts, the best of the ladder, and words that say so."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from features.clock import to_date
from training import metrics
from training.backtest.plan import Plan
from training.backtest.report import MAIN, Backtest, with_intervals
from training.bootstrap import Resampling
from training.forecasts import Forecasts
from training.judge import Judging, judge_forecasts
from training.ladder import MODEL


def knowing(forecasts: Forecasts, share: float) -> Forecasts:
    """The same forecasts, of which the model's own lie so much nearer to what came."""
    came = {
        "order": forecasts.ordered.astype(float),
        "regression": (forecasts.next_stage == 3).astype(float),
        "next stage": np.eye(4)[forecasts.next_stage],
        "spend": forecasts.spend,
    }
    said = {
        target: {**of, MODEL: (1 - share) * of[MODEL] + share * came[target]} for target, of in forecasts.said.items()
    }
    return replace(forecasts, said=said)


@pytest.fixture(scope="module")
def oracle(found: Backtest) -> Backtest:
    """A model that knows half of what came."""
    forecasts = knowing(found.forecasts, 0.5)
    return Backtest(found.plan, forecasts, judge_forecasts(forecasts, Judging(Resampling(100, seed=1))))


def test_the_summary_holds_the_model_and_the_best_baseline_of_each_target(found: Backtest) -> None:
    said, summary = found.forecasts.said, found.summary.set_index("target")
    assert list(summary.index) == list(MAIN)
    losses = {name: metrics.log_loss(found.forecasts.ordered, p) for name, p in said["order"].items()}
    best = min((name for name in losses if name != MODEL), key=lambda name: losses[name])
    row = summary.loc["order"]
    assert (row["best"], row[MODEL]) == (best, pytest.approx(losses[MODEL]))
    assert row["difference"] == pytest.approx(losses[MODEL] - losses[best])
    ginis = {name: metrics.normalised_gini(found.forecasts.spend, p) for name, p in said["spend"].items()}
    assert summary.loc["spend", "ladder"] == pytest.approx(max(v for name, v in ginis.items() if name != MODEL))


def test_wins_are_counted_cutoff_by_cutoff(found: Backtest, forecasts: list[Forecasts]) -> None:
    rows = found.better[found.better["target"] == "regression"].set_index("baseline")
    for name, p in forecasts[0].said["regression"].items():
        if name != MODEL:
            wins = sum(
                metrics.log_loss(one.next_stage == 3, one.said["regression"][MODEL])
                < metrics.log_loss(one.next_stage == 3, one.said["regression"][name])
                for one in forecasts
            )
            assert (rows.loc[name, "better"], rows.loc[name, "cutoffs"]) == (wins, len(forecasts)), len(p)


def test_who_knows_more_is_better_everywhere(oracle: Backtest) -> None:
    assert (oracle.better["better"] == oracle.better["cutoffs"]).all()
    shrinks = oracle.summary["metric"] == "log_loss"
    assert (oracle.summary.loc[shrinks, "high"] < 0).all()
    assert (oracle.summary.loc[~shrinks, "low"] > 0).all()
    assert all(value == 1 for name, value in oracle.headline().items() if name.endswith("_better"))
    assert all("better at 3 of 3 cut-offs" in line for line in oracle.lines() if "best of the ladder" in line)


def test_the_headline_has_the_names_of_training_and_is_finite(found: Backtest, forecasts: list[Forecasts]) -> None:
    headline = found.headline()
    assert {"judge/order_log_loss", "judge/regression_auroc", "judge/spend_gini"} <= set(headline)
    row = found.summary.set_index("target").loc["order"]
    assert headline["gain/order_percent"] == pytest.approx(-100 * row["difference"] / row["ladder"], abs=0.005)
    errors = [metrics.calibration_error(one.ordered, one.said["order"][MODEL]) for one in forecasts]
    assert headline["backtest/order_calibration_error"] == pytest.approx(np.mean(errors))
    assert np.isfinite(list(headline.values())).all()
    assert len(headline) <= 40


def test_words_name_the_cutoffs_the_snapshots_and_the_best_baseline(found: Backtest) -> None:
    lines = "\n".join(found.lines())
    first, last = (to_date(found.plan.cutoffs[k]) for k in (0, -1))
    assert f"Judged out of time at 3 cut-offs, {first} to {last}, {len(found.forecasts):,} snapshots:" in lines
    assert f"best of the ladder ({found.summary['best'][0]})" in lines
    assert found.plan.spec.hash in lines


def test_the_report_shows_every_rung_every_group_and_one_time_buyers(found: Backtest) -> None:
    text = found.to_markdown()
    for said in found.forecasts.said.values():
        assert all(f"| {name} |" in text for name in said)
    assert "| order | one-time buyers |" in text
    assert "| order | without the lost |" in text
    assert all(str(to_date(cutoff)) in text for cutoff in found.plan.cutoffs)
    assert "| stable | regression |" in text
    losses = found.card.by_cutoff.query("target == 'order' and predictor == 'recency'")["log_loss"]
    assert f"| order | recency | {losses.mean():.4f} ± {losses.std():.4f} |" in text
    assert "nan" not in text


def test_the_best_of_a_group_is_its_own(found: Backtest) -> None:
    once = found.forecasts.only(found.forecasts.order_days == 1)
    losses = {name: metrics.log_loss(once.ordered, p) for name, p in once.said["order"].items()}
    row = found.by_standing.set_index(["target", "group"]).loc[("order", "one-time buyers")]
    assert row["snapshots"] == len(once)
    assert row["log loss"] == pytest.approx(losses.pop(MODEL))
    assert (row["best of the ladder"], row["its log loss"]) == (
        min(losses, key=losses.get),
        pytest.approx(min(losses.values())),
    )


def test_a_shop_without_money_has_no_spend(found: Backtest, planned: Plan) -> None:
    said = {target: of for target, of in found.forecasts.said.items() if target != "spend"}
    poor = replace(found.forecasts, said=said, spend=np.full(len(found.forecasts), np.nan))
    backtest = Backtest(planned, poor, judge_forecasts(poor, Judging(Resampling(100))))
    assert list(backtest.summary["target"]) == ["order", "regression", "next stage"]
    assert "Spend" not in backtest.to_markdown()


def test_intervals_are_shown_in_one_cell() -> None:
    table = pd.DataFrame(
        {"baseline": ["a", "b"], "x": [-0.5, np.nan], "x_low": [-1.0, np.nan], "x_high": [0.25, np.nan]}
    )
    assert with_intervals(table).to_dict("list") == {"baseline": ["a", "b"], "x": ["-0.5000 [-1.0000, +0.2500]", "-"]}
