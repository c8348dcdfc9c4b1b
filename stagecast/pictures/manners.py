"""What all pictures have in common: a slide's size, a title at the left, few lines, names beside what they name."""

from functools import cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font

from features.ids import shown
from features.stages.colours import STAGE_COLOURS, SUB_STATE_COLOURS
from features.stages.moves import Stage
from features.stages.spells import PLACES

INK, GREY, PALE = "#222222", "#666666", "#D0D0D0"
PLACE_COLOURS = (
    *(colour for stage, colour in STAGE_COLOURS.items() if stage != Stage.REGRESSION),
    *SUB_STATE_COLOURS.values(),
)
"""One colour for each of `features.stages.spells.PLACES`; neighbours differ in lightness too."""
NEW_COLOUR = "#F0F0F0"


def slide(title: str, height: float = 5.0) -> tuple[Figure, Axes]:
    """An empty picture, ten inches wide, with its title at the left."""
    figure = Figure(figsize=(10, height), layout="constrained")
    axes = figure.subplots()
    entitle(axes, title)
    return figure, axes


def entitle(axes: Axes, title: str) -> None:
    """Title at the left, and no more frame than is needed."""
    axes.set_title(drawable(title), loc="left", fontsize=13, color=INK, pad=10, parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK)


def over_time(axes: Axes) -> None:
    """Dates along the bottom, as short as they can be."""
    locator = AutoDateLocator()  # type: ignore[no-untyped-call, unused-ignore]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call, unused-ignore]


def label_right(axes: Axes, heights: np.ndarray, names: list[str], colours: list[str]) -> None:
    """Names at the right edge, each beside its height and apart from the others."""
    low, high = axes.get_ylim()
    room = (high - low) / 18
    for height, text, name, colour in zip(heights, spread(heights, room, (low, high)), names, colours, strict=True):
        axes.annotate(
            name,
            xy=(1, height),
            xytext=(1.035, text),
            xycoords=axes.get_yaxis_transform(),
            textcoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=10,
            color=INK,
            annotation_clip=False,
            bbox={"boxstyle": "square,pad=0.2", "facecolor": "none", "edgecolor": "none"},
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 2.5, "relpos": (0, 0.5), "shrinkA": 0},
        )


def label_places(axes: Axes, heights: np.ndarray, counts: np.ndarray) -> None:
    """Places at the right edge with their share of the last row of counts, (ticks, 6); those never met are left out."""
    shares = counts[-1] / max(counts[-1].sum(), 1)
    met = np.flatnonzero(counts.any(axis=0))
    names = [f"{PLACES[k]}  {shares[k]:.0%}" for k in met]
    label_right(axes, heights[met], names, [PLACE_COLOURS[k] for k in met])


def spread(heights: np.ndarray, room: float, limits: tuple[float, float]) -> np.ndarray:
    """The heights, moved as little as a few passes take until each has its room, within the limits."""
    order = np.argsort(heights, kind="stable")
    placed = np.asarray(heights, dtype=np.float64)[order]
    low, high = limits
    for _ in range(200):
        over = room - np.diff(placed)
        if not (over > 1e-9 * room).any():
            break
        push = np.maximum(over, 0) / 2
        placed[1:] += push
        placed[:-1] -= push
        placed = np.clip(placed, low, high)
    found = np.empty(len(placed))
    found[order] = placed
    return found


def drawable(text: str) -> str:
    """Text from outside, with what cannot be seen, or is not in the font, escaped."""
    known = _glyphs()
    return "".join(c if ord(c) in known or c == "\n" else c.encode("unicode_escape").decode() for c in shown(text))


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(get_font(findfont(FontProperties())).get_charmap())
