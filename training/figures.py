"""Pictures of a training run, readable in print and by the colour-blind."""

from collections.abc import Iterator

import lightgbm as lgb
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.model.forecast import Model
from features.stages.colours import STAGE_COLOURS
from features.stages.moves import STAGES, Stage
from training.judge import Judgement
from training.ladder import BINARY
from training.metrics import reliability_curve

_BLUE = STAGE_COLOURS[Stage.STABLE]
_GREY = "#666666"


def figures(model: Model, judgement: Judgement) -> Iterator[tuple[str, Figure]]:
    """File name and figure of each picture of a run."""
    yield "reliability.png", reliability(judgement)
    yield "stage_flow.png", stage_flow(judgement)
    yield "lift.png", lift(judgement)
    yield "importance.png", importance(model)


def reliability(judgement: Judgement) -> Figure:
    """Predicted against observed rates of order and regression, in bins of equal size."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    said = {"order": judgement.forecast.p_order, "regression": judgement.forecast.p_regression}
    for axes, (target, outcome) in zip(figure.subplots(1, 2), BINARY.items(), strict=True):
        curve = reliability_curve(outcome(judgement.table), said[target])
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=":")
        axes.plot(curve.predicted, curve.observed, marker="o", color=_BLUE)
        _label(axes, f"Probability of {target}: said and seen", "predicted", "observed")
    return figure


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
    _label(axes, "One period later: seen (plain) and predicted (hatched)", "stage now", "share")
    axes.legend(STAGES, title="next stage", loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return figure


def lift(judgement: Judgement) -> Figure:
    """Share of all orders and of all regressions found among the customers ranked highest."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    said = {"order": judgement.forecast.p_order, "regression": judgement.forecast.p_regression}
    for axes, (target, outcome) in zip(figure.subplots(1, 2), BINARY.items(), strict=True):
        happened = outcome(judgement.table)[np.argsort(-said[target], kind="stable")]
        contacted = np.arange(1, len(happened) + 1) / len(happened)
        axes.plot(contacted, np.cumsum(happened) / max(happened.sum(), 1), color=_BLUE)
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=":")
        _label(axes, f"Gain: {target}", "share of customers, highest first", f"share of all {target}s found")
    return figure


def importance(model: Model, most: int = 20) -> Figure:
    """Features with the largest total gain in the regression booster."""
    booster = lgb.Booster(model_str=model.boosters["regression"])
    gain = booster.feature_importance("gain")
    top = np.argsort(gain)[-most:]
    names = np.asarray(booster.feature_name())[top]
    figure = Figure(figsize=(8, 5.5), layout="constrained")
    axes = figure.subplots()
    axes.barh(names, gain[top] / max(gain.sum(), 1e-12), color=_BLUE)
    _label(axes, "What the regression booster uses", "share of total gain", "")
    return figure


def _stack(axes: Axes, x: float, shares: np.ndarray, hatch: str | None) -> None:
    bottom = 0.0
    for share, colour in zip(shares, STAGE_COLOURS.values(), strict=True):
        axes.bar(x, share, width=0.36, bottom=bottom, color=colour, hatch=hatch, edgecolor="white")
        bottom += share


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
