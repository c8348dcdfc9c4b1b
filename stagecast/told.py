"""What commands say of what they found, in plain words."""

from typing import TYPE_CHECKING

import pandas as pd

from features.clock import to_date, to_day
from features.orders import InputReport
from features.stages.moves import STAGES
from features.stages.spec import StageSpec

if TYPE_CHECKING:
    from stagecast.predict import Training

_FEW_ORDER_DAYS = 100


def mix(stage: pd.Series) -> str:
    """Customers in each stage."""
    counts = stage.value_counts()
    return ", ".join(f"{name} {counts.get(name, 0):,}" for name in STAGES)


def notes(report: InputReport, cutoff: int, spec: StageSpec) -> list[str]:
    """What makes the result weaker than it looks: orders that end early, a spec made from next to nothing."""
    said = []
    silent = cutoff - 1 - to_day(report.last.date())
    if silent > spec.hold_days:
        said.append(f"Note: the orders end on {report.last:%Y-%m-%d}, {silent:,} days before the cut-off.")
    if spec.order_days < _FEW_ORDER_DAYS:
        said.append(f"Note: the stage spec rests on {spec.order_days} order-days only; its gaps are largely defaults.")
    return said


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
