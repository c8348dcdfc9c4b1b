"""The ladder as a picture: how far below each baseline the model's log loss lies, and how sure that is."""

from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from features.stages.colours import STAGE_COLOURS
from features.stages.moves import Stage
from training.rungs import Judged, Rung, rungs

_GREY = "#666666"
_COLOURS = {True: STAGE_COLOURS[Stage.STABLE], False: STAGE_COLOURS[Stage.REGRESSION], None: _GREY}


def rungs_figure(judgement: Judged) -> Figure:
    """Log loss of the model less each baseline's, in percent of it, with intervals over customers; best at the top."""
    panels = {target: list(group)[::-1] for target, group in groupby(rungs(judgement), lambda rung: rung.target)}
    heights = [len(group) + 1 for group in panels.values()]
    figure = Figure(figsize=(9, 0.8 + 0.36 * sum(heights)), layout="constrained")
    axes = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)[:, 0]
    for one, (target, group) in zip(axes, panels.items(), strict=True):
        _draw(one, target, group)
    axes[-1].set_xlabel("model's log loss less the baseline's, in percent of it; bars: 95 % intervals over customers")
    return figure


def _draw(axes: Axes, target: str, group: list[Rung]) -> None:
    for place, rung in enumerate(group):
        colour = _COLOURS[rung.better]
        axes.plot([rung.in_percent(rung.low), rung.in_percent(rung.high)], [place, place], color=colour, linewidth=2)
        axes.plot(-rung.percent, place, marker="o", color=colour)
        text = f"{-rung.percent:+.1f} %"
        axes.annotate(text, (-rung.percent, place), (0, 5), textcoords="offset points", ha="center", fontsize=8)
    axes.axvline(0, color=_GREY, linewidth=1, linestyle=":")
    axes.set_yticks(range(len(group)), [rung.baseline for rung in group])
    axes.set_ylim(-0.5, len(group) - 0.2)
    axes.set_title(f"{target}: left of 0 the model is better", loc="left", fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
