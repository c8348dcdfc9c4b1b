"""Customers in each stage, week by week."""

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from features.clock import WEEK, stamps
from features.history import History
from features.snapshots import Past, Snapshots
from features.stages.colours import STAGE_COLOURS, SUB_STATE_COLOURS
from features.stages.fit import fit_spec
from features.stages.moves import Stage
from features.stages.spec import StageSpec
from stagecast.config import Config
from stagecast.describe import Orders, check, orders_before

_BANDS = {stage.label: colour for stage, colour in STAGE_COLOURS.items() if stage != Stage.REGRESSION} | {
    f"{Stage.REGRESSION.label}, {state.label}": colour for state, colour in SUB_STATE_COLOURS.items()
}


def stage_mix(
    orders: Orders, as_of: str, config: Config | None = None, spec: StageSpec | None = None, weeks: int = 104
) -> Figure:
    """Customers in each stage and sub-state, week by week up to a cut-off.

    Without a spec the one is used that is fitted on what came before the cut-off.

    Raises:
        UsageError: `as_of` is no tick of the clock.
        DataError: there are no orders before it.
    """
    config = config or Config()
    used, day = orders_before(check(orders, config), as_of, config)
    history = History.of(used)
    used_spec = spec or fit_spec(history, day, config.period_days, config.stages, config.the_clock)
    ticks = [tick for tick in range(day - WEEK * weeks, day + 1, WEEK) if len(history.known(tick))]
    snapshots = Snapshots.of(history, ticks)
    state = Past(history, snapshots, used_spec).stages
    band = np.where(state.stage == Stage.REGRESSION, Stage.REGRESSION - 1 + state.sub_state, state.stage)
    counts = np.array([np.bincount(band[snapshots.cutoff == tick], minlength=len(_BANDS)) for tick in ticks])
    return _draw(np.asarray(ticks), counts, f"Where customers stand, week by week to {as_of}")


def _draw(ticks: np.ndarray, counts: np.ndarray, title: str) -> Figure:
    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.stackplot(stamps(ticks), counts.T, colors=list(_BANDS.values()), labels=list(_BANDS))
    axes.set_title(title, loc="left")
    axes.set_ylabel("customers")
    axes.margins(x=0)
    locator = AutoDateLocator()  # type: ignore[no-untyped-call, unused-ignore]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call, unused-ignore]
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.spines[["top", "right"]].set_visible(False)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    return figure
