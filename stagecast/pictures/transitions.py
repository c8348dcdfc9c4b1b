"""Moves from one period to the next, as a table of shares."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from features.fixed import Floats
from features.stages.flows import moves_between, open_moves
from features.stages.spec import StageSpec
from features.stages.spells import PLACES
from stagecast.config import Config
from stagecast.describe import Orders
from stagecast.pictures.course import Course
from stagecast.pictures.manners import GREY, INK, slide


def stage_transitions(
    orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None, periods: int = 13
) -> Figure:
    """Share of the customers of each stage who stand in each stage one period later.

    Pooled over so many periods up to a cut-off. Moves that the definition
    forbids are hatched and say so.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    return draw_transitions(Course.of(orders, as_of, config, spec), periods)


def draw_transitions(course: Course, periods: int = 13) -> Figure:
    """Picture of the transitions; see `stage_transitions`."""
    period = course.spec.hold_days
    ticks = course.ticks(period, periods + 1)
    counts = moves_between(course.spells, ticks)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    title = f"Where customers stand one period of {period} days later: {len(ticks) - 1} periods to {course.as_of}"
    figure, axes = slide(title, 5.2)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    _numbers(axes, shares, counts.sum(axis=1) > 0)
    names = [f"{name}\n{count:,} customer-periods" for name, count in zip(PLACES, counts.sum(axis=1), strict=True)]
    axes.set_yticks(range(len(PLACES)), names, fontsize=9)
    axes.set_xticks(range(len(PLACES)), [name.replace(", ", ",\n") for name in PLACES], fontsize=9)
    axes.set_xlabel("one period later")
    axes.set_ylabel("now")
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def _numbers(axes: Axes, shares: Floats, known: np.ndarray) -> None:
    legal = open_moves()
    for row, column in np.ndindex(shares.shape):
        share = shares[row, column]
        style: dict[str, Any] = {
            "ha": "center",
            "va": "center",
            "fontsize": 11,
            "color": "white" if share > 0.6 else INK,
        }
        if not legal[row, column]:
            _never(axes, row, column)
        elif known[row]:
            axes.text(column, row, "0" if share == 0 else "<0.1%" if share < 0.0005 else f"{share:.1%}", **style)
        else:
            axes.text(column, row, "-", **style)


def _never(axes: Axes, row: int, column: int) -> None:
    corner = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(corner, 1, 1, facecolor="#F2F2F2", edgecolor="#CCCCCC", hatch="///", linewidth=0))
    box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none"}
    axes.text(column, row, "never", ha="center", va="center", fontsize=9, color=GREY, bbox=box)
