"""The walk of the stage machine, compiled: one customer, tick by tick, from its first order-day on.

Numba keeps what it compiled by file and does not see a change in another one.
So all compiled functions of the machine stand here, and every number that is
set elsewhere comes in with the rules.
"""

from typing import Any

import numba
import numpy as np

from features.stages.moves import Stage, SubState

Record = Any
"""One record: `walk` of WALK, `rules` and `state` of RULES and STATE in `features.stages.machine`."""

Columns = Any
"""Tuple of day, order_day, log_gap, each of shape (rows,), and the totals of the level measure, (rows + 1,)."""

_E, _F, _S, _R = (int(stage) for stage in Stage)
_NONE, _SLIPPING, _SILENT, _LOST = (int(state) for state in SubState)
_FINEST = 1e6  # cadence and share of the peak are rounded to millionths: no machine or currency decides a tie

WALK = np.dtype(
    [
        *((name, "i8") for name in ("tick", "row", "low", "order_days", "log_gaps", "first_order", "last_order")),
        *((name, "i8") for name in ("stage", "since", "recoveries", "reached", "steady", "falling", "holding")),
        *((name, "f8") for name in ("cadence", "limit", "lost_limit", "level", "peak")),
    ]
)


@numba.njit(cache=True)
def _start(walk: Record, first: int, columns: Columns, phase: int) -> None:
    """Stand before the first tick after the first order-day, with nothing taken in yet."""
    day, order_day = columns[0], columns[1]
    row = first
    while order_day[row] == 0:
        row += 1
    walk.first_order = day[row]
    walk.tick = day[row] - (day[row] - phase) % 7 + 7
    walk.row = walk.low = first
    walk.order_days = walk.log_gaps = walk.last_order = 0
    walk.stage, walk.since, walk.reached, walk.recoveries = _E, walk.tick, _E, 0
    walk.steady = walk.falling = walk.holding = 0
    walk.peak = -np.inf


@numba.njit(cache=True)
def _take_in(walk: Record, last: int, columns: Columns, rules: Record) -> None:
    """Take in the rows before the tick; the rhythm changes only with an order-day."""
    day, order_day, log_gap = columns[0], columns[1], columns[2]
    before = walk.order_days
    while walk.row < last and day[walk.row] < walk.tick:
        if order_day[walk.row]:
            walk.order_days += 1
            walk.log_gaps += log_gap[walk.row]
            walk.last_order = day[walk.row]
        walk.row += 1
    if walk.order_days > before:
        _set_rhythm(walk, rules)


@numba.njit(cache=True)
def _set_rhythm(walk: Record, rules: Record) -> None:
    """Cadence G = exp((k ln m + sum of ln gap) / (k + n - 1)), k = shrinkage, and the limits scaled by G / m."""
    band = 0
    for k in range(1, len(rules.bands)):
        if walk.order_days >= rules.bands[k]:
            band = k
    typical = rules.typical_gap[band]
    known = rules.shrinkage * np.log(typical) + walk.log_gaps / rules.log_unit
    cadence = np.exp(known / (rules.shrinkage + walk.order_days - 1))
    walk.cadence = np.rint(cadence * _FINEST) / _FINEST
    walk.limit = max(rules.silent_after[band] * walk.cadence / typical, rules.shortest_silence)
    walk.lost_limit = max(rules.lost_after[band] * walk.cadence / typical, walk.limit)


@numba.njit(cache=True)
def _set_level(walk: Record, first: int, columns: Columns, rules: Record) -> None:
    """Level: measure a week over the last clip(3 G, 2 P, 26 weeks) days; peak: its largest since regression."""
    day, totals = columns[0], columns[3]
    window = min(max(3 * walk.cadence, 2.0 * rules.hold_days), 1.0 * rules.longest_window)
    begin = walk.tick - int(window)
    while walk.low > first and day[walk.low - 1] >= begin:
        walk.low -= 1
    while walk.low < walk.row and day[walk.low] < begin:
        walk.low += 1
    walk.level = (totals[walk.row] - totals[walk.low]) / 1e6 * 7 / int(window)
    walk.peak = max(walk.peak, walk.level)


@numba.njit(cache=True)
def _set_streaks(walk: Record, rules: Record) -> None:
    """Ticks running at which the customer falls off, holds up, and neither falls off nor is silent."""
    share = np.rint(walk.level / walk.peak * _FINEST) / _FINEST if walk.peak > 0 else np.nan
    falls = walk.order_days >= rules.stable_days and share <= rules.falls_off
    holds = share >= rules.holds_up
    walk.falling = walk.falling + 1 if falls else 0
    walk.holding = walk.holding + 1 if holds else 0
    walk.steady = 0 if falls or _is_silent(walk) else walk.steady + 1


@numba.njit(cache=True)
def _is_silent(walk: Record) -> bool:
    return bool(walk.tick - walk.last_order > walk.limit)


@numba.njit(cache=True)
def _next_stage(walk: Record, rules: Record) -> int:
    """Stage at this tick from the stage at the tick before."""
    formative = walk.order_days >= rules.formative_days
    if walk.stage == _R:
        recovers = walk.last_order >= walk.since and walk.steady >= 2
        return (_F if formative else _E) if recovers else _R
    if _is_silent(walk) or walk.falling >= 2:
        return _R
    held = walk.tick - walk.since >= rules.hold_days
    if walk.stage == _E and formative and held:
        return _F
    mature = walk.order_days >= rules.stable_days and walk.tick - walk.first_order >= 2 * walk.cadence
    if walk.stage == _F and mature and held and walk.holding >= 2:
        return _S
    return int(walk.stage)


@numba.njit(cache=True)
def _enter(walk: Record, stage: int) -> None:
    """Begin another stage; regression forgets the old peak."""
    if walk.stage == _R:
        walk.recoveries += 1
    if stage == _R:
        walk.peak = walk.level
        walk.steady = walk.falling = walk.holding = 0
    else:
        walk.reached = max(walk.reached, stage)
    walk.stage, walk.since = stage, walk.tick


@numba.njit(cache=True)
def _step(walk: Record, rows: tuple[int, int], columns: Columns, rules: Record) -> None:
    """Everything that happens at one tick."""
    _take_in(walk, rows[1], columns, rules)
    _set_level(walk, rows[0], columns, rules)
    _set_streaks(walk, rules)
    stage = _next_stage(walk, rules)
    if stage != walk.stage:
        _enter(walk, stage)


@numba.njit(cache=True)
def _emit(walk: Record, state: Record) -> None:
    """Copy out where the customer stands at the tick."""
    elapsed = walk.tick - walk.last_order
    state.stage, state.since, state.reached, state.recoveries = walk.stage, walk.since, walk.reached, walk.recoveries
    state.sub_state = _NONE
    if walk.stage == _R:
        state.sub_state = _LOST if elapsed > walk.lost_limit else (_SILENT if _is_silent(walk) else _SLIPPING)
    state.cadence, state.silence = walk.cadence, elapsed / walk.limit
    state.level, state.peak = walk.level, walk.peak


@numba.njit(cache=True)
def _walk_one(walk: Record, rows: tuple[int, int], columns: Columns, rules: Record, snapshots: Any) -> None:
    cutoffs, states = snapshots
    k = 0
    while k < len(cutoffs):
        _step(walk, rows, columns, rules)
        while k < len(cutoffs) and cutoffs[k] < walk.tick + 7:
            _emit(walk, states[k])
            k += 1
        walk.tick += 7


@numba.njit(cache=True, nogil=True)
def walk_all(starts: Any, columns: Columns, phase: int, rules: Any, snapshots: Any) -> None:
    """Walk every customer and fill its states.

    Args:
        starts: row at which each customer's rows begin, shape (customers + 1,).
        columns: as `Columns`.
        phase: day number of every tick, modulo 7.
        rules: one record of RULES, shape (1,).
        snapshots: customer codes and cut-offs, sorted, and the states to fill (STATE), each of shape (n,).
    """
    customers, cutoffs, states = snapshots
    walks = np.zeros(1, dtype=WALK)
    begin = 0
    while begin < len(customers):
        end = begin
        while end < len(customers) and customers[end] == customers[begin]:
            end += 1
        first, last = starts[customers[begin]], starts[customers[begin] + 1]
        _start(walks[0], first, columns, phase)
        _walk_one(walks[0], (first, last), columns, rules[0], (cutoffs[begin:end], states[begin:end]))
        begin = end
