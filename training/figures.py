"""Pictures of a training run, readable in print and by the colour-blind."""

from collections.abc import Iterator

import lightgbm as lgb
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.model.forecast import Model
from features.stages.colours import STAGE_COLOURS
from features.stages.moves import STAGES, Stage
from training.card_figures import gains, label, profits, reliability
from training.judge import Judgement

_BLUE = STAGE_COLOURS[Stage.STABLE]


def figures(model: Model, judgement: Judgement) -> Iterator[tuple[str, Figure]]:
    """File name and figure of each picture of a run."""
    yield "reliability.png", reliability(judgement.card)
    yield "stage_flow.png", stage_flow(judgement)
    yield "lift.png", gains(judgement.card)
    yield "profit.png", profits(judgement.card)
    yield "importance.png", importance(model)


def stage_flow(judgement: Judgement) -> Figure:
    """Share of each next stage, by stage now: what happened (left bar) and what was predicted (right, hatched)."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    now, labels = judgement.table.now.stage, judgement.table.labels.next_stage
    for k in range(len(STAGES)):
        inside = now == k
        if not inside.any():
            continue
        seen = np.bincount(labels[inside], minlength=len(STAGES)) / inside.sum()
        said = judgement.forecast.stages[inside].mean(axis=0)
        for offset, shares, hatch in ((-0.2, seen, None), (0.2, said, "//")):
            _stack(axes, k + offset, shares, hatch)
    axes.set_xticks(range(len(STAGES)), STAGES)
    axes.set_xlim(-0.6, len(STAGES) - 0.4)
    label(axes, "One period later: seen (plain) and predicted (hatched)", "stage now", "share")
    axes.legend(STAGES, title="next stage", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return figure


def importance(model: Model, most: int = 20) -> Figure:
    """Features with the largest total gain in the booster of orders, on which every part of the forecast rests."""
    booster = lgb.Booster(model_str=model.boosters["order"])
    gain = booster.feature_importance("gain")
    top = np.argsort(gain)[-most:]
    names = np.asarray(booster.feature_name())[top]
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, gain[top] / max(gain.sum(), 1e-12), color=_BLUE)
    label(axes, "What the booster of orders uses", "share of total gain", "")
    return figure


def _stack(axes: Axes, x: float, shares: np.ndarray, hatch: str | None) -> None:
    bottom = 0.0
    for share, colour in zip(shares, STAGE_COLOURS.values(), strict=True):
        axes.bar(x, share, width=0.36, bottom=bottom, color=colour, hatch=hatch, edgecolor="white")
        bottom += share
