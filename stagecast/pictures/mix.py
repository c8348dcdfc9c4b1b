"""Customers in each stage, week by week."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from features.clock import WEEK, stamps
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import Orders
from stagecast.pictures.course import Course
from stagecast.pictures.manners import PLACE_COLOURS, label_places, over_time, slide


def stage_mix(
    orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None, weeks: int = 104
) -> Figure:
    """Customers in each stage and sub-state, week by week up to a cut-off.

    Without a spec the one is used that is fitted on what came before the cut-off.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    return draw_mix(Course.of(orders, as_of, config, spec), weeks)


def draw_mix(course: Course, weeks: int = 104) -> Figure:
    """Picture of the mix; see `stage_mix`."""
    ticks = course.ticks(most=weeks + 1)
    ticks = ticks if len(ticks) > 1 else [ticks[0] - WEEK, *ticks]  # an area has a width
    counts = course.spells.counts(ticks)
    figure, axes = slide(f"Where customers stand, week by week to {course.as_of}")
    axes.stackplot(stamps(np.asarray(ticks)), counts.T, colors=PLACE_COLOURS, edgecolor="white", linewidth=0.6)
    axes.set_ylabel("customers")
    axes.set_ylim(0, max(counts.sum(axis=1).max(), 1) * 1.02)
    axes.margins(x=0)
    over_time(axes)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    label_places(axes, np.cumsum(counts[-1]) - counts[-1] / 2, counts)
    return figure
