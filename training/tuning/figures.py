"""Pictures of a study: how it went, and which parameters matter."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from features.stages.colours import STAGE_COLOURS
from features.stages.moves import Stage
from training.tuning.space import ranges
from training.tuning.tune import Found

_BLUE, _ORANGE, _GREY = STAGE_COLOURS[Stage.STABLE], STAGE_COLOURS[Stage.REGRESSION], "#666666"


def figures(found: Found) -> Iterator[tuple[str, Figure]]:
    """File name and figure of each picture of a study."""
    yield "history.png", history(found)
    yield "parameters.png", parameters(found)
    if found.importance:
        yield "parameter_importance.png", importance(found)


def history(found: Found) -> Figure:
    """Loss of each trial, the best so far, and where those given up stood."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    axes = figure.subplots()
    table = found.table()
    judged, given_up = table[table["state"] == "complete"], table[table["state"] == "pruned"]
    axes.scatter(judged["trial"], judged["loss"], color=_BLUE, s=18, label="judged to the end")
    axes.scatter(given_up["trial"], given_up["loss"], color=_GREY, s=18, marker="x", label="given up: loss so far")
    axes.step(judged["trial"], np.minimum.accumulate(judged["loss"]), where="post", color=_BLUE, label="best so far")
    axes.axhline(float(found.present.value or 0), color=_ORANGE, linestyle="--", label="present parameters")
    top = float(judged["loss"].quantile(0.9))
    span = max(top - float(judged["loss"].min()), 1e-3)
    axes.set_ylim(float(judged["loss"].min()) - 0.1 * span, top + 0.6 * span)  # a few bad trials hide the rest
    axes.set(title="Loss by trial", xlabel="trial", ylabel="loss (part of the outcome not explained)")
    axes.legend(frameon=False)
    return figure


def parameters(found: Found) -> Figure:
    """Loss against each parameter, with the best trial and the present one."""
    spans = ranges(found.desk.recipe.training.booster)
    figure = Figure(figsize=(11, 3.4 * -(-len(spans) // 3)), layout="constrained")
    judged = found.table().query("state == 'complete'")
    marked = {"best": (found.best, _BLUE, "*"), "present": (found.present, _ORANGE, "D")}
    for axes, (name, span) in zip(figure.subplots(-(-len(spans) // 3), 3).flat, spans.items(), strict=False):
        axes.scatter(judged[name], judged["loss"], color=_GREY, s=12)
        for label, (trial, colour, marker) in marked.items():
            axes.scatter(trial.params[name], trial.value, color=colour, marker=marker, s=70, label=label)
        axes.set(xlabel=name, ylabel="loss", xscale="log" if span.log else "linear")
        if span.log:
            axes.xaxis.set(major_locator=LogLocator(subs=(1, 3)), major_formatter="{x:g}", minor_locator=NullLocator())
    for axes in figure.axes[len(spans) :]:
        axes.remove()
    figure.axes[0].legend(frameon=False)
    return figure


def importance(found: Found) -> Figure:
    """Which parameters make a trial good."""
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots()
    names = list(found.importance)[::-1]
    axes.barh(names, [found.importance[name] for name in names], color=_BLUE)
    axes.set(title="What makes a trial good", xlabel="share (PED-ANOVA)")
    return figure
