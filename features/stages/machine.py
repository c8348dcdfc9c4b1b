"""The stage machine: where customers stand at a cut-off, from one walk over their ticks.

The machine always starts at the first tick after a customer's first
order-day, so the stage at a tick does not depend on which cut-offs are asked.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from features.clock import Clock
from features.fixed import Floats, Ints
from features.history import Codes, History
from features.stages.spec import StageSpec
from features.stages.walk import RULES, STATE, walk_all


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
        peak: M, the highest level since the last regression.
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
    states = np.zeros(len(customers), dtype=STATE)
    columns = (
        history.day,
        history.columns["order_day"],
        history.columns["log_gap"],
        history.totals(spec.level_measure),
    )
    phase = Clock(spec.week_starts).phase
    walk_all(history.starts, columns, phase, _rules(spec), (customers, cutoffs, states))
    return StageState(**{field.name: states[field.name].copy() for field in fields(StageState)})


def _rules(spec: StageSpec) -> np.ndarray:
    """The spec as the one record that the compiled walk reads."""
    values = spec.constants.model_dump() | spec.model_dump()
    rules = np.zeros(1, dtype=RULES)
    for name in RULES.names or ():
        rules[name] = values[name]
    return rules
