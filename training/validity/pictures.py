"""Two pictures: the effect of each claim with its verdict, and what the sensitivity knob does."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from training.validity.verdicts import FAILS, HOLDS, OPEN, effects_in_words

_LOOKS = {HOLDS: ("#0072B2", "o"), FAILS: ("#D55E00", "X"), OPEN: ("#767676", "D")}
_GREY = "#666666"
_BLUE, _ORANGE = "#0072B2", "#D55E00"
_WIDEST = 16.0
_BESIDE = ("axes fraction", "data")


def claims_figure(claims: pd.DataFrame, title: str = "Are the stages what the domain says?") -> Figure:
    """Forest plot: effect and 95 % interval of each claim that is a ratio; the verdict by colour, marker and words."""
    shown = claims[claims["null"] == 1].reset_index(drop=True)
    figure = Figure(figsize=(11, 1.4 + 0.3 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.set_xscale("log", base=2)
    axes.axvline(1, color=_GREY, linewidth=1)
    numbers = shown[["effect", "low", "high"]].to_numpy(dtype=np.float64)
    for height, (bounds, verdict) in enumerate(zip(numbers, shown["verdict"], strict=True)):
        _draw(axes, height, bounds, verdict)
    _label(axes, shown)
    axes.set_title(title, loc="left")
    return figure


def tradeoff_figure(table: pd.DataFrame, called_within: int = 13) -> Figure:
    """False alarms against delay, and departures called in time against false alarms; Q beside each point."""
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    _curve(left, table, ("delay_days", "false_13w"), (_BLUE, "-", "ordered within 13 weeks"))
    _curve(left, table, ("delay_days", "false_26w"), (_ORANGE, "--", "ordered within 26 weeks"))
    _axes(left, "The later the alarm, the less often false", "median days from the last order to the alarm")
    left.set_ylabel("alarms that are false")
    _curve(right, table, ("false_13w", "called"), (_BLUE, "-", ""))
    _axes(
        right, "Fewer false alarms, fewer departures called in time", "alarms that are false (ordered within 13 weeks)"
    )
    right.set_ylabel(f"departed who are called within {called_within} weeks")
    right.xaxis.set_major_formatter("{x:.0%}")
    right.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    return figure


def _draw(axes: Axes, height: int, bounds: np.ndarray, verdict: str) -> None:
    colour, marker = _LOOKS[verdict]
    if not bounds[1] > 0:
        return
    effect, low, high = np.clip(bounds, 1 / _WIDEST, _WIDEST)
    axes.plot([low, high], [height, height], color=colour, linewidth=2, solid_capstyle="butt")
    axes.plot([effect], [height], marker=marker, color=colour, markersize=8, linestyle="none")


def _label(axes: Axes, shown: pd.DataFrame) -> None:
    heights = range(len(shown))
    names = [f"{stage}: {says}" for stage, says in zip(shown["stage"], shown["says"], strict=True)]
    axes.set_yticks(list(heights), names, fontsize=9)
    for height, text, verdict in zip(heights, effects_in_words(shown), shown["verdict"], strict=True):
        note = axes.annotate(f"{verdict}   {text}", (1.01, height), xycoords=_BESIDE)
        note.set(color=_LOOKS[verdict][0], fontsize=9, va="center")
    axes.set_ylim(len(shown) - 0.3, -0.7)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("ratio; above 1 is what is claimed (95 % interval over customers)")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _curve(axes: Axes, table: pd.DataFrame, columns: tuple[str, str], look: tuple[str, str, str]) -> None:
    """One line through the points of all Q; the spec's own is a larger square."""
    known = table.dropna(subset=list(columns))
    if known.empty:
        axes.text(0.5, 0.5, "no finished window", transform=axes.transAxes, ha="center", color=_GREY)
        return
    colour, style, name = look
    x, y = (known[column].to_numpy(dtype=np.float64) for column in columns)
    axes.plot(x, y, color=colour, linestyle=style, marker="o", markersize=4)
    for place, quantile, own in zip(zip(x, y, strict=True), known["quantile"], known["own"], strict=True):
        text, weight = (f"Q = {quantile:g}", "bold") if own else (f"{quantile:g}", "normal")
        axes.annotate(text, place, (6, 5), textcoords="offset points", fontsize=8, weight=weight)
        if own:
            axes.plot(*place, color=colour, marker="s", markersize=10, markerfacecolor="white", markeredgewidth=2)
    axes.annotate(name, (x[0], y[0]), (8, 20), textcoords="offset points", color=colour)


def _axes(axes: Axes, title: str, x: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlabel(x)
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.margins(0.12, 0.16)
    axes.spines[["top", "right"]].set_visible(False)
