"""How long customers stay in each stage."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.clock import WEEK
from features.stages.colours import STAGE_COLOURS
from features.stages.flows import Staying, staying
from features.stages.moves import Stage
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import Orders
from stagecast.pictures.course import Course
from stagecast.pictures.manners import GREY, PALE, label_right, slide

_LINES = {Stage.EXAMINATION: "--", Stage.FORMATIVE: "-.", Stage.STABLE: "-", Stage.REGRESSION: ":"}
_INKS = STAGE_COLOURS | {Stage.EXAMINATION: "#B8A800"}  # the yellow of areas is too pale for a line


def stage_survival(orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None) -> Figure:
    """Share of stays in each stage that last longer than a number of weeks, with 95 % bands (Kaplan-Meier).

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    return draw_survival(Course.of(orders, as_of, config, spec))


def draw_survival(course: Course) -> Figure:
    """Picture of the survival; see `stage_survival`."""
    figure, axes = slide(f"How long customers stay in a stage, up to {course.as_of}")
    curves = {stage: staying(course.spells, stage) for stage in Stage}
    drawn = {stage: curve for stage, curve in curves.items() if len(curve.days)}
    longest = max([curve.days[-1] for curve in drawn.values()], default=WEEK) / WEEK
    for stage, curve in drawn.items():
        _draw_curve(axes, curve, longest, (_INKS[stage], _LINES[stage]))
    if len(drawn) < len(curves):
        few = ", ".join(stage.label for stage in curves if stage not in drawn)
        axes.text(longest / 2, 1.0, f"too few stays to draw: {few}", ha="center", va="bottom", fontsize=9, color=GREY)
    axes.axhline(0.5, color=PALE, linewidth=1, zorder=0)
    axes.set_ylim(0, 1.04)
    axes.set_xlim(0, longest)
    axes.set_xlabel("weeks since the stage was entered")
    axes.set_ylabel("share still there")
    axes.yaxis.set_major_formatter("{x:.0%}")
    ends = np.array([curve.share[-1] for curve in drawn.values()])
    label_right(axes, ends, [_named(*pair) for pair in drawn.items()], [_INKS[stage] for stage in drawn])
    return figure


def _draw_curve(axes: Axes, curve: Staying, longest: float, style: tuple[str, str]) -> None:
    """A curve with its band; where it is known no longer, a thin line leads on to its name."""
    colour, line = style
    weeks = np.append(0.0, curve.days / WEEK)
    share, low, high = (np.append(1.0, values) for values in (curve.share, curve.low, curve.high))
    axes.fill_between(weeks, low, high, step="post", color=colour, alpha=0.2, linewidth=0)
    axes.plot(weeks, share, drawstyle="steps-post", color=colour, linestyle=line, linewidth=2)
    axes.plot([weeks[-1], longest], [share[-1]] * 2, color=PALE, linewidth=1, zorder=0)


def _named(stage: Stage, curve: Staying) -> str:
    half = f"half stay {curve.median / WEEK:.0f} weeks" if np.isfinite(curve.median) else "over half stay on"
    return f"{stage.label}: {half}"
