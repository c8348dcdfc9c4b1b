"""Pictures of a scorecard: the model beside the best of its ladder, target by target."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.stages.colours import STAGE_COLOURS
from features.stages.moves import Stage
from training.forecasts import ORDER, REGRESSION
from training.groups import ALL
from training.ladder import MODEL
from training.scorecard import Scorecard

_BLUE, _GREY = STAGE_COLOURS[Stage.STABLE], "#666666"


def reliability(card: Scorecard) -> Figure:
    """Predicted against observed rates of order and regression, in bins of equal mass."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, target in zip(figure.subplots(1, 2), (ORDER, REGRESSION), strict=True):
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=":")
        _draw(axes, card, _of(card.reliability, target), ("predicted", "observed"), marker="o")
        label(axes, f"Probability of {target}: said and seen", "predicted", "observed")
    return figure


def gains(card: Scorecard) -> Figure:
    """Share of all orders and of all regressions found among the customers ranked highest."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, target in zip(figure.subplots(1, 2), (ORDER, REGRESSION), strict=True):
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=":")
        _draw(axes, card, _of(card.gains, target), ("share", "gain"))
        label(axes, f"Gain: {target}", "share of customers, highest first", f"share of all {target}s found")
    return figure


def profits(card: Scorecard) -> Figure:
    """Profit of contacting the customers most likely to regress, at the stated costs and the mean success rate."""
    figure = Figure(figsize=(6, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.axhline(0, color=_GREY, linewidth=1, linestyle=":")
    if not card.profits.empty:
        _draw(axes, card, card.profits.assign(target=REGRESSION), ("share", "profit"))
    where = "share of customers not in regression contacted, highest risk first"
    label(axes, "Profit of a campaign", where, "profit by customer not in regression")
    return figure


def best_baseline(card: Scorecard, target: str) -> str | None:
    """The baseline of least log loss over all rows; None where there is no baseline."""
    rows = card.scores[(card.scores["target"] == target) & (card.scores["group"] == ALL)]
    baselines = rows[rows["predictor"] != MODEL].set_index("predictor")["log_loss"].dropna()
    return None if baselines.empty else str(baselines.idxmin())


def label(axes: Axes, title: str, x: str, y: str) -> None:
    """Title and axes in the one way of all pictures of a run."""
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)


def _of(curves: pd.DataFrame, target: str) -> pd.DataFrame:
    return curves[curves["target"] == target]


def _draw(axes: Axes, card: Scorecard, curves: pd.DataFrame, columns: tuple[str, str], marker: str = "") -> None:
    """The model's curve over that of the best baseline, with a legend."""
    best = None if curves.empty else best_baseline(card, str(curves["target"].iloc[0]))
    for name, style in ((best, {"color": _GREY, "linestyle": "--"}), (MODEL, {"color": _BLUE, "linewidth": 2})):
        curve = curves[curves["predictor"] == name]
        if not curve.empty:
            axes.plot(curve[columns[0]], curve[columns[1]], marker=marker, markersize=4, label=name, **style)
    axes.legend(fontsize=8, frameon=False)
