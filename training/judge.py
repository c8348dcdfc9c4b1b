"""Judge a model on later cut-offs, beside baselines that saw the same past."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.clock import WEEK
from features.fixed import Floats
from features.model.forecast import Forecast, Model
from features.stages.moves import STAGES, Booleans, SubState
from training import metrics
from training.baselines import simple
from training.bootstrap import Interval, Resampling, paired_auroc_interval, paired_interval
from training.table import Table

MODEL = "stagecast"
NO_MODEL = ("base rate", "stage table", "persistence", "transition table")
"""Baselines that anybody can have without a model: a model that loses to these must not be promoted."""
BINARY: dict[str, simple.Outcome] = {
    "order": lambda table: table.labels.ordered,
    "regression": lambda table: table.labels.regression,
}


@dataclass(frozen=True)
class Judgement:
    """How good a model was out of time.

    Attributes:
        scores: one row a target and predictor, in the order of the ladder.
        differences: model less baseline, a row a target and baseline: log loss
            (below zero the model is better) and AUROC (above zero), with
            intervals over customers.
        forecast: what the model said, row by row of `table`.
        table: the judged snapshots.
    """

    scores: pd.DataFrame
    differences: pd.DataFrame
    forecast: Forecast
    table: Table

    def headline(self) -> dict[str, float]:
        """The model's own numbers under stable metric names, finite ones only."""
        mine = self.scores[self.scores["predictor"] == MODEL].set_index("target")
        named = {
            f"judge/{target}_{name}": value
            for target, row in mine.iterrows()
            for name, value in row.items()
            if name != "predictor"
        }
        return {name: float(value) for name, value in named.items() if np.isfinite(value)}

    def losses(self) -> list[str]:
        """Where the model is worse beyond chance than what one would do without a model, in words."""
        against = self.differences[self.differences["baseline"].isin(NO_MODEL)]
        worse = against[against["log_loss_low"] > 0]
        return [
            f"{row.target}: log loss {row.log_loss:+.4f} [{row.log_loss_low:+.4f}, {row.log_loss_high:+.4f}] "
            f"against {row.baseline}"
            for row in worse.itertuples()
        ]


def judge(model: Model, past: Table, later: Table, resampling: Resampling, threads: int = 0) -> Judgement:
    """Judge a model on snapshots later than all it was fitted and calibrated on.

    Args:
        model: the model.
        past: snapshots the baselines are fitted on: those of the model's fit and calibration.
        later: snapshots to judge on.
        resampling: of the intervals.
        threads: LightGBM's threads.
    """
    forecast = model.forecast(later.features, threads)
    ladders = {name: _binary_ladder(name, past, later, model.spec.hold_days) for name in BINARY}
    mine = {"order": forecast.p_order, "regression": forecast.p_regression}
    scores, differences = [], []
    for target, outcome in BINARY.items():
        happened = outcome(later)
        for name, p in {MODEL: mine[target], **ladders[target]}.items():
            scores.append({"target": target, "predictor": name, **_binary_scores(happened, p)})
        for name, p in ladders[target].items():
            differences.append(_binary_difference(target, name, later, (mine[target], p, happened), resampling))
    stages = {"persistence": simple.persistence(past, later), "transition table": simple.transition_table(past, later)}
    for name, p in {MODEL: forecast.stages, **stages}.items():
        scores.append({"target": "next stage", "predictor": name, **_stage_scores(later, p)})
    for name, p in stages.items():
        differences.append(_stage_difference(name, later, (forecast.stages, p), resampling))
    if "spend" in model.boosters:
        scores.extend(_spend_rows(later, forecast.expected_spend, model.spec.hold_days))
    return Judgement(pd.DataFrame(scores), pd.DataFrame(differences), forecast, later)


def by_standing(judgement: Judgement) -> pd.DataFrame:
    """Log loss and rates where the outcome is open: by stage now, without the lost, one-time buyers."""
    table, forecast = judgement.table, judgement.forecast
    groups: dict[str, Booleans] = {name: table.now.stage == k for k, name in enumerate(STAGES)}
    groups["without the lost"] = table.now.sub_state != SubState.LOST
    groups["one-time buyers"] = table.features["order_days_ever"].to_numpy() == 1
    rows = []
    for name, inside in groups.items():
        if not inside.any():
            continue
        p_order, p_regression = forecast.p_order[inside], forecast.p_regression[inside]
        ordered, regression = table.labels.ordered[inside], table.labels.regression[inside]
        rows.append(
            {
                "group": name,
                "snapshots": int(inside.sum()),
                "order rate": ordered.mean(),
                "order predicted": p_order.mean(),
                "order log loss": metrics.log_loss(ordered, p_order),
                "order AUROC": metrics.auroc(ordered, p_order),
                "regression rate": regression.mean(),
                "regression predicted": p_regression.mean(),
                "regression log loss": metrics.log_loss(regression, p_regression),
                "regression AUROC": metrics.auroc(regression, p_regression),
            }
        )
    return pd.DataFrame(rows)


def _binary_ladder(target: str, past: Table, later: Table, period_days: int) -> dict[str, Floats]:
    rungs: dict[str, Callable[[Table, Table, simple.Outcome], Floats]] = {
        "base rate": simple.base_rate,
        "stage table": simple.by_stage,
        "recency": simple.recency_only,
        "logistic RFM": simple.logistic_rfm,
    }
    ladder = {name: rung(past, later, BINARY[target]) for name, rung in rungs.items()}
    if target == "order":
        ladder["BG/NBD"] = simple.bgnbd_to_order(later, period_days)
    return ladder


def _binary_scores(happened: Booleans, p: Floats) -> dict[str, float]:
    return {
        "log_loss": metrics.log_loss(happened, p),
        "auroc": metrics.auroc(happened, p),
        "brier": metrics.brier(happened, p),
        "calibration_error": metrics.calibration_error(happened, p),
        "lift_10": metrics.lift_at(happened, p, 0.1),
    }


def _binary_difference(
    target: str, baseline: str, later: Table, sides: tuple[Floats, Floats, Booleans], resampling: Resampling
) -> dict[str, object]:
    mine, theirs, happened = sides
    customers = later.snapshots.customer
    loss = paired_interval(
        metrics.log_losses(happened, mine), metrics.log_losses(happened, theirs), customers, resampling
    )
    rank = paired_auroc_interval(happened, mine, theirs, customers, resampling)
    return {"target": target, "baseline": baseline, **_columns("log_loss", loss), **_columns("auroc", rank)}


def _stage_scores(later: Table, p: Floats) -> dict[str, float]:
    happened = later.labels.next_stage
    return {
        "log_loss": metrics.stage_log_loss(happened, p),
        "macro_f1": metrics.macro_f1(happened, p.argmax(axis=1)),
    }


def _stage_difference(
    baseline: str, later: Table, sides: tuple[Floats, Floats], resampling: Resampling
) -> dict[str, object]:
    mine, theirs = (metrics.stage_log_losses(later.labels.next_stage, p) for p in sides)
    loss = paired_interval(mine, theirs, later.snapshots.customer, resampling)
    return {"target": "next stage", "baseline": baseline, **_columns("log_loss", loss)}


def _spend_rows(later: Table, expected: Floats, period_days: int) -> list[dict[str, object]]:
    usual = later.features["net_spend_26w"].to_numpy() * period_days / (26 * WEEK)
    return [
        {
            "target": "spend",
            "predictor": name,
            "bias": metrics.total_bias(later.labels.spend, p),
            "gini": metrics.normalised_gini(later.labels.spend, p),
            "spearman": metrics.spearman(later.labels.spend, p),
        }
        for name, p in {MODEL: expected, "spend of 26 weeks": usual}.items()
    ]


def _columns(name: str, interval: Interval) -> dict[str, float]:
    return {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
