"""Pictures of a backtest: those of a training run, and the course over cut-offs."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from features.clock import stamps
from training.backtest.report import Backtest
from training.card_figures import gains, label, profits, reliability
from training.forecasts import NEXT_STAGE, ORDER, REGRESSION
from training.ladder import MODEL
from training.rungs_figure import rungs_figure

_LINES = ("-", "--", "-.", ":")
_LOG_LOSS = (ORDER, REGRESSION, NEXT_STAGE)


def figures(backtest: Backtest) -> Iterator[tuple[str, Figure]]:
    """File name and figure of each picture."""
    yield "by_cutoff.png", by_cutoff(backtest)
    yield "ladder.png", rungs_figure(backtest)
    yield "reliability.png", reliability(backtest.card)
    yield "lift.png", gains(backtest.card)
    yield "profit.png", profits(backtest.card)


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
        label(axes, f"{target}: log loss at each cut-off", "", "log loss (less is better)")
        axes.set_ylim(*_range(wide))
        axes.tick_params(axis="x", rotation=45, labelsize=8)
        axes.legend(fontsize=7, frameon=False, ncols=2)
    return figure


def _range(wide: pd.DataFrame) -> tuple[float, float]:
    """From the lowest to somewhat above the middle of the baselines."""
    low, high = float(wide.min().min()), float(wide.max().median())
    room = max(high - low, 1e-3)
    return low - 0.1 * room, high + 0.1 * room
