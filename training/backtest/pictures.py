"""Pictures of a backtest: the course over cut-offs, the rungs of the ladder, said against seen."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.clock import stamps
from features.stages.colours import STAGE_COLOURS
from features.stages.moves import Stage
from training.backtest.report import Backtest
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION
from training.ladder import MODEL
from training.rungs_figure import rungs_figure

_BLUE, _GREY = STAGE_COLOURS[Stage.STABLE], "#666666"
_LINES = ("-", "--", "-.", ":")
_LOG_LOSS = (ORDER, REGRESSION, NEXT_STAGE)


def figures(backtest: Backtest) -> Iterator[tuple[str, Figure]]:
    """File name and figure of each picture."""
    yield "by_cutoff.png", by_cutoff(backtest)
    yield "ladder.png", rungs_figure(backtest)
    yield "reliability.png", reliability(backtest)
    yield "gain.png", gain(backtest)


def by_cutoff(backtest: Backtest) -> Figure:
    """Log loss of the model (thick) and the baselines at each cut-off; those far worse leave the picture upwards."""
    figure = Figure(figsize=(13, 4.6), layout="constrained")
    for axes, target in zip(figure.subplots(1, len(_LOG_LOSS)), _LOG_LOSS, strict=True):
        table = backtest.card.by_cutoff
        wide = table[table["target"] == target].pivot(index="cutoff", columns="predictor", values="log_loss")
        dates = stamps(wide.index.to_numpy())
        names = [name for name in backtest.forecasts.said.get(target, {}) if name != MODEL]
        for place, name in enumerate(names):
            axes.plot(dates, wide[name], linewidth=1, linestyle=_LINES[place % len(_LINES)], label=name)
        axes.plot(dates, wide[MODEL], color="black", linewidth=2.5, marker="o", markersize=4, label=MODEL)
        _label(axes, f"{target}: log loss at each cut-off", "", "log loss (less is better)")
        axes.set_ylim(*_range(wide))
        axes.tick_params(axis="x", rotation=45, labelsize=8)
        axes.legend(fontsize=7, frameon=False, ncols=2)
    return figure


def reliability(backtest: Backtest) -> Figure:
    """Predicted against observed rates of order and regression, in bins of equal size, all cut-offs together."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, target in zip(figure.subplots(1, 2), (ORDER, REGRESSION), strict=True):
        curve = _of_model(backtest.card.reliability, target)
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=":")
        axes.plot(curve["predicted"], curve["observed"], marker="o", color=_BLUE)
        _label(axes, f"Probability of {target}: said and seen", "predicted", "observed")
    return figure


def gain(backtest: Backtest) -> Figure:
    """Share of all orders and regressions found among the customers ranked highest, by each predictor."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, target in zip(figure.subplots(1, 2), (ORDER, REGRESSION), strict=True):
        curve = _of_model(backtest.card.gains, target)
        axes.plot([0, 1], [0, 1], color=_GREY, linewidth=1, linestyle=":")
        axes.plot(curve["share"], curve["gain"], color=_BLUE)
        _label(axes, f"Gain: {target}", "share of customers, highest first", f"share of all {target}s found")
    return figure


def _of_model(table: pd.DataFrame, target: str) -> pd.DataFrame:
    return table[(table["target"] == target) & (table["predictor"] == MODEL)]


def _range(wide: pd.DataFrame) -> tuple[float, float]:
    """From the lowest to somewhat above the middle of the baselines."""
    low, high = float(wide.min().min()), float(wide.max().median())
    room = max(high - low, 1e-3)
    return low - 0.1 * room, high + 0.1 * room


def _label(axes: Axes, title: str, x: str, y: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
