"""The stage machine: one walk over a customer's ticks, from the first order to the last cut-off.

The machine always starts at the first tick after a customer's first
order-day, so the stage at a tick does not depend on which cut-offs are asked.
"""

from dataclasses import dataclass, fields

import numba
import numpy as np
import numpy.typing as npt

from features.clock import Clock
from features.fixed import Floats, Ints
from features.history import Codes, History
from features.stages.moves import Stage, SubState
from features.stages.spec import BANDS, StageSpec

LONGEST_LEVEL_WINDOW = 182
_E, _F, _S, _R = (int(stage) for stage in Stage)
_NONE, _SLIPPING, _SILENT, _LOST = (int(state) for state in SubState)


@dataclass(frozen=True)
class StageState:
    """Where customers stand at a cut-off; every array has shape (n,).

    Attributes:
        stage: as `Stage`.
        sub_state: as `SubState`.
        since: day number of the tick at which the stage was entered.
        recoveries: times the customer came back from regression.
        reached: highest stage short of regression that was ever reached.
        cadence: G, the customer's own typical gap in days.
        silence: days since the last order-day over the customer's silence limit.
        level: L, measure a week over the recent window.
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
    """
    out = _empty_states(len(customers))
    _walk(
        (history.starts, history.day, history.columns["order_day"], history.totals(spec.level_measure)),
        history.columns["log_gap"],
        (customers, cutoffs, Clock(spec.week_starts).phase),
        _constants(spec),
        out,
    )
    return StageState(**{field.name: out[field.name].copy() for field in fields(StageState)})


_STATE = np.dtype(
    [
        ("stage", "i1"),
        ("sub_state", "i1"),
        ("since", "i8"),
        ("recoveries", "i8"),
        ("reached", "i1"),
        ("cadence", "f8"),
        ("silence", "f8"),
        ("level", "f8"),
        ("peak", "f8"),
    ]
)


def _empty_states(n: int) -> np.ndarray:
    return np.zeros(n, dtype=_STATE)


def _constants(spec: StageSpec) -> tuple[Floats, ...]:
    chosen = spec.constants
    scalars = [
        chosen.shrinkage,
        chosen.formative_days,
        chosen.stable_days,
        chosen.holds_up,
        chosen.falls_off,
        chosen.shortest_silence,
        spec.hold_days,
    ]
    bands = (spec.typical_gap, spec.silent_after, spec.lost_after)
    return (np.asarray(scalars, dtype=np.float64), *(np.asarray(band, dtype=np.float64) for band in bands))


@numba.njit(cache=True)
def _band(order_days: int) -> int:
    band = 0
    for k in range(1, len(BANDS)):
        if order_days >= BANDS[k]:
            band = k
    return band


@numba.njit(cache=True)
def own_cadence(order_days: int, log_gaps: float, typical: float, shrinkage: float) -> float:
    """Cadence G in days: the customer's own gaps shrunk to the shop's typical one.

    G = exp((k ln m + sum of ln gap) / (k + n - 1)) for n order-days, k = `shrinkage`.
    """
    return np.exp((shrinkage * np.log(typical) + log_gaps) / (shrinkage + order_days - 1))


@numba.njit(cache=True)
def _rhythm(order_days, log_gaps, constants):  # type: ignore[no-untyped-def]
    """Cadence, silence limit and limit of the lost, in days."""
    scalars, typical, silent, lost = constants
    band = _band(order_days)
    cadence = own_cadence(order_days, log_gaps, typical[band], scalars[0])
    limit = max(silent[band] * cadence / typical[band], scalars[5])
    lost_limit = max(lost[band] * cadence / typical[band], limit)
    return cadence, limit, lost_limit


@numba.njit(cache=True)
def _next_stage(stage, order_days, held, streaks, facts):  # type: ignore[no-untyped-def]
    """Stage at this tick from the stage at the tick before.

    `held` says whether the stage has been held for a period, `streaks` are the
    ticks running without and with fall-off and of holding up, `facts` are
    silent, ordered since the stage began, formative and stable reached.
    """
    steady, falling, holding = streaks
    silent, ordered, formative, mature = facts
    if stage == _R:
        if ordered and steady >= 2:
            return _F if formative else _E
        return _R
    if silent or falling >= 2:
        return _R
    if stage == _E and formative and held:
        return _F
    if stage == _F and mature and held and holding >= 2:
        return _S
    return stage


@numba.njit(cache=True)
def _walk_one(rows, facts, ticks, constants, out):  # type: ignore[no-untyped-def]
    """Walk one customer's rows [first, last) and fill its snapshots `out`, whose cut-offs are `ticks`."""
    first, last, phase = rows
    day, order_day, level_totals, log_gap = facts
    scalars = constants[0]
    shrinkage_days = 2 * scalars[6]
    row, low, order_days, log_gaps, last_order = first, first, 0, 0.0, 0
    while order_day[row] == 0:
        row += 1
    first_order = day[row]
    tick = first_order - (first_order - phase) % 7 + 7
    row = first
    stage, since, recoveries, reached, peak = _E, tick, 0, _E, -np.inf
    steady, falling, holding = 0, 0, 0
    log_total = 0
    for k in range(len(ticks)):
        while tick <= ticks[k]:
            while row < last and day[row] < tick:
                if order_day[row]:
                    order_days += 1
                    log_total += log_gap[row]
                    last_order = day[row]
                row += 1
            cadence, limit, lost_limit = _rhythm(order_days, log_total / 1e9, constants)
            window = int(min(max(3 * cadence, shrinkage_days), LONGEST_LEVEL_WINDOW))
            while low > first and day[low - 1] >= tick - window:
                low -= 1
            while low < row and day[low] < tick - window:
                low += 1
            level = (level_totals[row] - level_totals[low]) / 1e6 * 7 / window
            peak = max(peak, level)
            elapsed = tick - last_order
            silent = elapsed > limit
            falls = order_days >= scalars[2] and peak > 0 and level <= scalars[4] * peak
            holds = peak > 0 and level >= scalars[3] * peak
            falling = falling + 1 if falls else 0
            steady = 0 if falls or silent else steady + 1
            holding = holding + 1 if holds else 0
            mature = order_days >= scalars[2] and tick - first_order >= 2 * cadence
            moved = _next_stage(
                stage,
                order_days,
                tick - since >= scalars[6],
                (steady, falling, holding),
                (silent, last_order >= since, order_days >= scalars[1], mature),
            )
            if moved != stage:
                if stage == _R:
                    recoveries += 1
                if moved == _R:
                    peak, steady, falling, holding = level, 0, 0, 0
                else:
                    reached = max(reached, moved)
                stage, since = moved, tick
            tick += 7
        state = out[k]
        state["stage"], state["since"], state["recoveries"], state["reached"] = stage, since, recoveries, reached
        state["sub_state"] = _NONE
        if stage == _R:
            state["sub_state"] = _LOST if elapsed > lost_limit else (_SILENT if silent else _SLIPPING)
        state["cadence"], state["silence"], state["level"], state["peak"] = cadence, elapsed / limit, level, peak


@numba.njit(cache=True, nogil=True)
def _walk(facts, log_gap, snapshots, constants, out):  # type: ignore[no-untyped-def]
    starts, day, order_day, level_totals = facts
    customers, cutoffs, phase = snapshots
    begin = 0
    while begin < len(customers):
        end = begin
        while end < len(customers) and customers[end] == customers[begin]:
            end += 1
        c = customers[begin]
        _walk_one(
            (starts[c], starts[c + 1], phase),
            (day, order_day, level_totals, log_gap),
            cutoffs[begin:end],
            constants,
            out[begin:end],
        )
        begin = end
