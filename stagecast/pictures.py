"""Pictures of a shop's stages, readable in print and by the colour-blind."""

import numpy as np
from matplotlib.figure import Figure

from features.clock import WEEK, stamps
from features.history import History
from features.snapshots import Past, Snapshots
from features.stages.fit import fit_spec
from features.stages.moves import STAGES
from stagecast.config import Config
from stagecast.describe import Orders, check, orders_before

# Okabe and Ito (2008), "Color universal design".
COLOURS = ("#56B4E9", "#009E73", "#0072B2", "#D55E00")


def stage_mix(orders: Orders, as_of: str, config: Config | None = None, weeks: int = 52) -> Figure:
    """Customers in each stage, week by week up to a cut-off, under the spec fitted there."""
    config = config or Config()
    used, day = orders_before(check(orders, config), as_of, config)
    history = History.of(used)
    spec = fit_spec(history, day, config.period_days, config.stages, config.the_clock)
    ticks = [tick for tick in range(day - WEEK * weeks, day + 1, WEEK) if len(history.known(tick))]
    snapshots = Snapshots.of(history, ticks)
    stage = Past(history, snapshots, spec).stages.stage
    counts = np.array([np.bincount(stage[snapshots.cutoff == tick], minlength=len(STAGES)) for tick in ticks])
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.stackplot(stamps(np.asarray(ticks)), counts.T, colors=COLOURS, labels=STAGES)
    axes.set_title(f"Where customers stand, week by week to {as_of}", loc="left")
    axes.set_ylabel("customers")
    axes.margins(x=0)
    axes.spines[["top", "right"]].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return figure
