"""The stage machine: where customers stand at a cut-off, from one walk over their ticks.

The machine always starts at the first tick after a customer's first
order-day, so the stage at a tick does not depend on which cut-offs are asked.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from features.clock import Clock
from features.fixed import Floats, Ints
from features.history import LOG_UNIT, Codes, History
from features.stages.spec import BANDS, StageSpec
from features.stages.walk import walk_all

RULES = np.dtype(
    [
        *((name, "f8") for name in ("shrinkage", "holds_up", "falls_off", "settled_gaps")),
        *((name, "f8") for name in ("level_gaps", "level_periods", "shortest_silence", "log_unit")),
        *((name, "i8") for name in ("formative_days", "stable_days", "fall_weeks", "running", "steady")),
        *((name, "i8") for name in ("level_weeks", "hold_days")),
        ("bands", "i8", (4,)),
        ("typical_gap", "f8", (4,)),
        ("silent_after", "f8", (4,)),
        ("lost_after", "f8", (4,)),
    ]
)
_KINDS = ("i1", "i1", "i8", "i8", "i1", *["f8"] * 5, "i1")  # of StageState's attributes, which the walk fills


@dataclass(frozen=True)
class StageState:
    """Where customers stand at a cut-off; every array has shape (n,).

    Attributes:
        stage: as `Stage`.
        sub_state: as `SubState`. Whoever stands in regression and is not
            silent counts as slipping: also who ordered after a silence and
            has not been steady for two ticks yet.
        since: day number of the tick at which the stage was entered.
        recoveries: times the customer came back from regression.
        reached: highest stage short of regression that was ever reached.
        cadence: G, the customer's own typical gap in days.
        silence: days since the last order-day over the customer's silence limit.
        level: L, measure a week over the recent window; weeks before the first
            order count as empty.
        peak: M, the highest level since the last recovery, or ever.
        to_hold: order-days, worth what this customer's are on average, that
            must come within the period for the level not to be that of a
            fall-off at its end; negative where the level holds without any,
            NaN where nothing was ever spent.
        if_silent: stage one period later if nothing comes until then.
    """

    stage: npt.NDArray[np.int8]
    sub_state: npt.NDArray[np.int8]
    since: Ints
    recoveries: Ints
    reached: npt.NDArray[np.int8]
    cadence: Floats
    silence: Floats
    level: Floats
    peak: Floats
    to_hold: Floats
    if_silent: npt.NDArray[np.int8]

    def at(self, places: Ints | slice) -> "StageState":
        """The states at some places."""
        return StageState(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


def run_stages(history: History, spec: StageSpec, customers: Codes, cutoffs: Ints) -> StageState:
    """State of each customer at its cut-off.

    Args:
        history: all orders; those on or after a cut-off never touch its state.
        spec: the frozen constants.
        customers: customer codes, shape (n,), sorted, each known at its cut-off.
        cutoffs: tick of each snapshot, shape (n,), ascending within a customer.

    Raises:
        DataError: the orders lack the money that the spec's level is measured in.
    """
    states = tuple(np.empty(len(customers), dtype=kind) for kind in _KINDS)
    phase = Clock(spec.week_starts).phase
    walk_all(history.starts, walk_columns(history, spec), phase, walk_rules(spec), (customers, cutoffs, states))
    return StageState(*states)


def walk_columns(history: History, spec: StageSpec) -> tuple[np.ndarray, Ints, Ints, Ints]:
    """What the compiled walk reads of a history, as `Columns` of `features.stages.walk`.

    Raises:
        DataError: the orders lack the money that the spec's level is measured in.
    """
    return (
        history.day,
        history.columns["order_day"],
        history.columns["log_gap"],
        history.totals(spec.level_measure),
    )


def walk_rules(spec: StageSpec) -> np.ndarray:
    """The spec as the one record that the compiled walk reads."""
    fixed = {"log_unit": LOG_UNIT, "bands": BANDS}
    values = fixed | spec.constants.model_dump() | spec.model_dump()
    rules = np.zeros(1, dtype=RULES)
    for name in RULES.names or ():
        rules[name] = values[name]
    return rules
