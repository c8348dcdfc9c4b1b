"""The journey of one customer: orders, level against peak, silence, stages, and every move with its reason."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from features.clock import WEEK
from features.stages.colours import STAGE_COLOURS, SUB_STATE_COLOURS
from features.stages.journey import Journey
from features.stages.moves import Stage, SubState
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import Orders, journey
from stagecast.pictures.manners import GREY, INK, PALE, drawable, entitle, over_time

_LINE = 0.16
_WRAP = 150
_MOST_MOVES = 16
_MOST_LIMITS = 8
_PLACES = {stage.label: colour for stage, colour in STAGE_COLOURS.items() if stage != Stage.REGRESSION} | {
    state.label: colour for state, colour in SUB_STATE_COLOURS.items()
}


def customer_journey(
    orders: Orders, customer: str, as_of: str, config: Config | None = None, spec: StageSpec | None = None
) -> Figure:
    """One customer's history up to a cut-off; the moves are numbered, and told below.

    Raises:
        UsageError: `as_of` is no tick of the clock, or the customer is not known there.
        DataError: there are no orders before it.
    """
    return draw_journey(journey(orders, customer, as_of, config, spec))


def draw_journey(told: Journey) -> Figure:
    """Picture of a journey; see `customer_journey`."""
    lines = _told(told)
    below = _LINE * (lines.count("\n") + 2)
    figure = Figure(figsize=(10, 6.4 + below))
    panels = figure.subplots(4, 1, sharex=True, height_ratios=[2.2, 1.8, 1.4, 0.5])
    figure.subplots_adjust(0.08, (below + 0.45) / (6.4 + below), 0.87, 1 - 0.45 / (6.4 + below), hspace=0.22)
    last = told.ticks["tick"].iloc[-1]
    entitle(panels[0], f"Customer {told.customer} up to {last:%Y-%m-%d}: {told.moves['after'].iloc[-1]}")
    for axes in panels[1:]:
        entitle(axes, "")
    _orders(panels[0], told)
    _level(panels[1], told)
    _silence(panels[2], told)
    _stages(panels[3], told)
    figure.text(0.03, below / (6.4 + below), lines, va="top", fontsize=8, color=INK, linespacing=1.35, parse_math=False)
    return figure


def _orders(axes: Axes, told: Journey) -> None:
    """A stem an order-day, as high as what was spent; returns below the line."""
    value, name = ("spend", "spend a day") if "spend" in told.orders else ("orders", "orders a day")
    bought = told.orders["order_day"]
    for rows, colour in ((told.orders[bought], INK), (told.orders[~bought], GREY)):
        axes.vlines(rows["day"], 0, rows[value], color=colour, linewidth=1)
        axes.plot(rows["day"], rows[value], "o", markersize=3.5, color=colour)
    axes.axhline(0, color=PALE, linewidth=0.8, zorder=0)
    axes.set_ylabel(name)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=name != "spend a day"))
    axes.yaxis.set_major_formatter("{x:,.4g}")


def _level(axes: Axes, told: Journey) -> None:
    ticks = _to_the_end(told)
    axes.step(ticks["tick"], ticks["peak"], where="post", color=GREY, linestyle="--", linewidth=1.3)
    axes.fill_between(ticks["tick"], 0, ticks["level"], step="post", color=STAGE_COLOURS[Stage.STABLE], alpha=0.25)
    axes.step(ticks["tick"], ticks["level"], where="post", color=STAGE_COLOURS[Stage.STABLE], linewidth=1.6)
    axes.set_ylabel("a week")
    axes.yaxis.set_major_formatter("{x:,.4g}")
    name = "spend" if told.measure == "net" else "order-days"
    _beside(axes, 0.82, "- - peak", GREY)
    _beside(axes, 0.5, f"level: {name}", STAGE_COLOURS[Stage.STABLE])


def _silence(axes: Axes, told: Journey) -> None:
    """Days since the last order in own usual gaps, against the limit in the same unit."""
    ticks = _to_the_end(told)
    limit = ticks["silence_in_gaps"] / ticks["silence"]
    axes.fill_between(ticks["tick"], 0, ticks["silence_in_gaps"], step="post", color=PALE)
    axes.step(ticks["tick"], limit, where="post", color=STAGE_COLOURS[Stage.REGRESSION], linewidth=1.3)
    axes.set_ylabel("usual gaps")
    longest, most = ticks["silence_in_gaps"].max(), _MOST_LIMITS * limit.max()
    axes.set_ylim(0, max(min(longest, most), 1.1 * limit.max()))
    _beside(axes, 0.75, "limit", STAGE_COLOURS[Stage.REGRESSION])
    _beside(axes, 0.4, f"silence\n(up to {longest:,.0f})" if longest > most else "silence", GREY)


def _to_the_end(told: Journey) -> pd.DataFrame:
    """The ticks, and the last one once more where the week that it opens ends."""
    last = told.ticks.iloc[[-1]]
    return pd.concat([told.ticks, last.assign(tick=last["tick"] + pd.Timedelta(days=WEEK))], ignore_index=True)


def _stages(axes: Axes, told: Journey) -> None:
    """One band, coloured by stage and sub-state; each move has its number above."""
    begins = told.moves["tick"].to_numpy()
    ends = np.append(begins[1:], told.ticks["tick"].to_numpy()[-1] + np.timedelta64(WEEK, "D"))
    whole = (ends[-1] - begins[0]) / np.timedelta64(1, "D")
    for k, (begin, end, after) in enumerate(zip(begins, ends, told.moves["after"], strict=True)):
        state = SubState.NONE.label if "(" not in after else after[after.index("(") + 1 : -1]
        axes.axvspan(begin, end, color=_PLACES[state or after], linewidth=0)
        days, name = (end - begin) / np.timedelta64(1, "D"), state or after
        if days / whole > 0.012:
            fits = days / whole > 0.01 * len(name) + 0.01
            axes.text(begin + (end - begin) / 2, 0.5, name if fits else after[0].upper(), **_middle(8), bbox=_PAPER)
        if k >= len(begins) - _MOST_MOVES and days / whole > 0.012:
            axes.text(begin, 1.12, str(k + 1), **_middle(8), clip_on=False)
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    over_time(axes)


_PAPER = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}


def _middle(size: float) -> dict[str, Any]:
    return {"ha": "center", "va": "center", "fontsize": size, "color": INK}


def _beside(axes: Axes, height: float, name: str, colour: str) -> None:
    axes.text(1.01, height, name, transform=axes.transAxes, va="center", fontsize=9, color=colour)


def _told(told: Journey) -> str:
    """The latest moves as numbered sentences, wrapped."""
    sentences = list(enumerate(told.sentences(), start=1))[-_MOST_MOVES:]
    earlier = len(told.moves) - len(sentences)
    said = [f"(moves 1 to {earlier} are left out)"] * (earlier > 0)
    for number, sentence in sentences:
        said += textwrap.wrap(f"{number:>2}  {sentence}", _WRAP, subsequent_indent="      ")
    return "\n".join(drawable(line) for line in said)
