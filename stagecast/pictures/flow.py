"""Flow of customers between stages: an alluvial picture over a few cut-offs."""

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from features.clock import to_date
from features.fixed import Floats, Ints
from features.stages.flows import flow
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import Orders
from stagecast.pictures.course import Course
from stagecast.pictures.manners import INK, NEW_COLOUR, PALE, PLACE_COLOURS, label_places, slide

_WIDTH = 0.15
_GAP = 0.02
_PAPER = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
_NUMBER: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8.5, "color": INK, "bbox": _PAPER}
_COLOURS = (*PLACE_COLOURS, NEW_COLOUR)


def stage_flow(
    orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None, periods: int = 3
) -> Figure:
    """Customers moving between stages over up to five cut-offs, so many periods apart, the last one `as_of`.

    A ribbon has the colour of the stage it comes from; who was not known at
    the cut-off before comes from a white one.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    return draw_flow(Course.of(orders, as_of, config, spec), periods)


def draw_flow(course: Course, periods: int = 3, columns: int = 5) -> Figure:
    """Picture of the flow; see `stage_flow`."""
    ticks = course.ticks(periods * course.spec.hold_days, columns)
    counts = course.spells.counts(ticks)
    flows = [flow(course.spells, *pair) for pair in pairwise(ticks)]
    tallest = counts.sum(axis=1).max()
    figure, axes = slide(
        f"Where customers went, every {periods * course.spec.hold_days // 7} weeks to {course.as_of}", 5.6
    )
    tops = [_tops(column, tallest * _GAP) for column in counts]
    for k, moved in enumerate(flows):
        _ribbons(axes, k, moved, (tops[k], tops[k + 1]))
    for k, column in enumerate(counts):
        _boxes(axes, k, column, tops[k], tallest)
    _frame(axes, ticks, counts, tops[-1])
    return figure


def _tops(counts: Ints, gap: float) -> Floats:
    """Upper edges of the boxes of a column: the first place on top, gaps between."""
    below = np.cumsum(counts[::-1])[::-1] - counts
    return np.asarray(counts + below + gap * np.arange(len(counts))[::-1], dtype=np.float64)


def _ribbons(axes: Axes, k: int, moved: Ints, tops: tuple[Floats, Floats]) -> None:
    """Ribbons between two columns; newcomers come from above the first one."""
    newcomers = moved[-1].sum()
    above = tops[0][0] + newcomers + 2 * _GAP * tops[1][0]
    left, right = np.append(tops[0], above), tops[1].copy()
    for origin, place in zip(*np.nonzero(moved), strict=True):
        size = moved[origin, place]
        _ribbon(axes, (k + _WIDTH, left[origin]), (k + 1, right[place]), size, _COLOURS[origin])
        left[origin] -= size
        right[place] -= size
    if newcomers:
        axes.text(k + _WIDTH, above, f"{newcomers:,} new", va="bottom", fontsize=8.5, color=INK)


def _ribbon(axes: Axes, start: tuple[float, float], end: tuple[float, float], size: float, colour: str) -> None:
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    corners = [(x0, y0), (middle, y0), (middle, y1), (x1, y1), (x1, y1 - size), (middle, y1 - size)]
    corners += [(middle, y0 - size), (x0, y0 - size), (x0, y0)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    edge = PALE if colour == NEW_COLOUR else "white"
    axes.add_patch(PathPatch(Path(corners, codes), facecolor=colour, alpha=0.6, edgecolor=edge, linewidth=0.5))


def _boxes(axes: Axes, k: int, counts: Ints, tops: Floats, tallest: float) -> None:
    for count, top, colour in zip(counts, tops, PLACE_COLOURS, strict=True):
        if count == 0:
            continue
        axes.add_patch(Rectangle((k, top - count), _WIDTH, count, facecolor=colour, edgecolor=INK, linewidth=0.5))
        if count > tallest / 32:
            axes.text(k + _WIDTH / 2, top - count / 2, f"{count:,}", **_NUMBER)


def _frame(axes: Axes, ticks: list[int], counts: Ints, tops: Floats) -> None:
    axes.autoscale_view()
    axes.set_xlim(-0.03, max(len(ticks), 2) - 0.97 + _WIDTH)
    axes.set_xticks(np.arange(len(ticks)) + _WIDTH / 2, [str(to_date(tick)) for tick in ticks])
    axes.set_yticks([])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(axis="x", length=0)
    label_places(axes, tops - counts[-1] / 2, counts)
