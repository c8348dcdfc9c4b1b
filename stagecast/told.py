"""What commands say of what they found, in plain words."""

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from features.clock import WEEK, to_date, to_day
from features.orders import InputReport
from features.stages.moves import STAGES
from features.stages.spec import StageSpec
from features.stages.words import fitted_bands

if TYPE_CHECKING:
    from serving.store import Receipt
    from stagecast.models import Training

_FEW_ORDER_DAYS = 100


def mix(stage: pd.Series) -> str:
    """Customers in each stage."""
    counts = stage.value_counts()
    return ", ".join(f"{name} {counts.get(name, 0):,}" for name in STAGES)


def notes(report: InputReport, cutoff: int, spec: StageSpec) -> list[str]:
    """What makes the result weaker than it looks: orders that end early, a spec made from little or a short log."""
    said = []
    silent = cutoff - 1 - to_day(report.last.date())
    if silent > spec.hold_days:
        said.append(f"Note: the orders end on {report.last:%Y-%m-%d}, {silent:,} days before the cut-off.")
    if spec.order_days < _FEW_ORDER_DAYS or not any(fitted_bands(spec)):
        said.append(f"Note: the stage spec rests on {spec.order_days} order-days only; its gaps are largely defaults.")
    elif 0 < (seen := _days_seen(report, spec)) < spec.constants.follow_up_weeks * WEEK:
        said.append(
            f"Note: the stage spec was made from {seen} days of orders. Longer gaps could not be seen yet, so its"
            " limits are stretched, and will move: fit it anew (stagecast train --refit-spec) once there are"
            f" {spec.constants.follow_up_weeks} weeks."
        )
    return said


def _days_seen(report: InputReport, spec: StageSpec) -> int:
    """Days of these orders before the end of the spec's reference period; none or less for another log's spec."""
    return to_day(date.fromisoformat(spec.fitted_before)) - to_day(report.first.date())


def other_spec(week: "Receipt", as_of: str, spec_hash: str) -> str:
    """That a week published before follows another stage spec."""
    return (
        f"Note: the stages of {as_of} follow spec {spec_hash}, those of {week.as_of} beside it spec {week.spec_hash}:"
        " stages of these weeks are not comparable."
    )


def changed_spec(before: str | None, now: str) -> str:
    """That the champion's stage spec changed with its version."""
    return (
        f"Note: the champion's stage spec was {before} and is {now} now: stages and scores before and after are not"
        " comparable."
    )


def bare_words(markdown: str) -> str:
    """Markdown as plain text: without its stars and empty lines."""
    return "\n".join(line for line in markdown.replace("**", "").splitlines() if line)


def summary(made: "Training") -> str:
    """How good the model is out of time, beside the best baseline, in a few lines."""
    judgement, trained = made.trained.judgement, made.trained
    lines = [
        f"Judged out of time at {', '.join(str(to_date(cutoff)) for cutoff in trained.judged.judge)}, "
        f"{len(judgement.table):,} snapshots:"
    ]
    for target, rows in judgement.scores.groupby("target", sort=False):
        if target == "spend":
            continue
        mine, best = rows.iloc[0], rows.iloc[1:].sort_values("log_loss", kind="stable").iloc[0]
        lines.append(f"  {target}: log loss {mine.log_loss:.4f}; best baseline ({best.predictor}) {best.log_loss:.4f}")
    return "\n".join(lines)
