"""The walk of the stage machine, compiled: one customer, tick by tick, from its first order-day on.

Numba keeps what it compiled by file and does not see a change in another one.
So all compiled functions of the machine stand here, and every number that is
set elsewhere comes in with the rules.
"""

from typing import Any

import numba
import numpy as np

from features.compiled import kernel
from features.stages.moves import Cause, Stage, SubState

Record = Any
"""One record: `walk` of WALK, `rules` of RULES in `features.stages.machine`."""

Columns = Any
"""Tuple of day, order_day, log_gap, each of shape (rows,), and the totals of the level measure, (rows + 1,)."""

States = Any
"""Tuple of arrays, one for each attribute of `StageState` and in its order, each of shape (n,)."""

_E, _F, _S, _R = (int(stage) for stage in Stage)
_NONE, _SLIPPING, _SILENT, _LOST = (int(state) for state in SubState)
_STAYS, _FIRST_ORDER, _ENOUGH_ORDERS, _LEVEL_HELD, _FELL_OFF = (int(cause) for cause in tuple(Cause)[:5])
_FELL_SILENT, _LONG_SILENT, _ORDERED_AGAIN, _RECOVERED = (int(cause) for cause in tuple(Cause)[5:])
_NEVER = np.iinfo(np.int64).max
_FINEST = 1e6  # cadence and share of the peak are rounded to millionths: no machine or currency decides a tie

WALK = np.dtype(
    [
        *((name, "i8") for name in ("tick", "first", "row", "low", "counted", "window")),
        *((name, "i8") for name in ("order_days", "log_gaps", "first_order", "last_order")),
        *((name, "i8") for name in ("stage", "since", "recoveries", "reached", "steady", "falling", "holding")),
        *((name, "i8") for name in ("sub_state", "cause")),
        *((name, "f8") for name in ("cadence", "limit", "lost_limit", "level", "peak", "share")),
    ]
)
SPELL = np.dtype(
    [
        *((name, "i8") for name in ("customer", "begin", "end")),
        *((name, "i1") for name in ("stage", "sub_state", "closed", "cause")),
    ]
)


@kernel
def _start(walk: Record, first: int, columns: Columns, phase: int) -> None:
    """Stand before the first tick after the first order-day, with nothing taken in yet."""
    day, order_day = columns[0], columns[1]
    row = first
    while order_day[row] == 0:
        row += 1
    walk.first_order = day[row]
    walk.tick = day[row] - (day[row] - phase) % 7 + 7
    walk.first = walk.row = walk.low = first
    walk.counted = -1
    walk.order_days = walk.log_gaps = walk.last_order = 0
    walk.stage, walk.since, walk.reached, walk.recoveries = _E, walk.tick, _E, 0
    walk.steady = walk.falling = walk.holding = 0
    walk.sub_state = _NONE
    walk.peak = -np.inf


@kernel
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


@kernel
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
    walk.lost_limit = walk.limit * max(rules.lost_after[band] / rules.silent_after[band], 1.0)
    shortest, longest = rules.level_periods * rules.hold_days, 7.0 * rules.level_weeks
    walk.window = int(min(max(rules.level_gaps * walk.cadence, shortest), longest))


@kernel
def _set_level(walk: Record, first: int, columns: Columns) -> None:
    """Level: measure a week over some cadences G, within bounds; peak: its largest since the last recovery.

    Both stay as they are while no row comes into the window and none leaves it.
    """
    day, totals = columns[0], columns[3]
    begin, low = walk.tick - walk.window, walk.low
    while low > first and day[low - 1] >= begin:
        low -= 1
    while low < walk.row and day[low] < begin:
        low += 1
    if low == walk.low and walk.row == walk.counted:
        return
    walk.low, walk.counted = low, walk.row
    walk.level = (totals[walk.row] - totals[low]) / 1e6 * 7 / walk.window
    walk.peak = max(walk.peak, walk.level)
    _set_share(walk)


@kernel
def _set_share(walk: Record) -> None:
    """Level over peak; NaN where the peak is nothing."""
    walk.share = np.rint(walk.level / walk.peak * _FINEST) / _FINEST if walk.peak > 0 else np.nan


@kernel
def _set_streaks(walk: Record, rules: Record) -> None:
    """Ticks running at which the customer falls off, holds up, and neither falls off nor is silent."""
    forgiven = walk.stage == _R and walk.tick - walk.since >= 7 * rules.fall_weeks
    falls = walk.order_days >= rules.stable_days and walk.share <= rules.falls_off and not forgiven
    holds = walk.share >= rules.holds_up
    walk.falling = walk.falling + 1 if falls else 0
    walk.holding = walk.holding + 1 if holds else 0
    walk.steady = 0 if falls or _is_silent(walk) else walk.steady + 1


@kernel
def _is_silent(walk: Record) -> bool:
    return bool(walk.tick - walk.last_order > walk.limit)


@kernel
def _next_stage(walk: Record, rules: Record) -> tuple[int, int]:
    """Stage at this tick from the stage at the tick before, and the cause where it is another one."""
    formative = walk.order_days >= rules.formative_days
    held = walk.tick - walk.since >= rules.hold_days
    if walk.stage == _R:
        recovers = walk.last_order >= walk.since and walk.steady >= rules.steady and held
        return (_F if formative else _E, _RECOVERED) if recovers else (_R, _STAYS)
    if _is_silent(walk) or walk.falling >= rules.running:
        return _R, (_FELL_SILENT if _is_silent(walk) else _FELL_OFF)
    if walk.stage == _E and formative and held:
        return _F, _ENOUGH_ORDERS
    settled = walk.tick - walk.first_order >= rules.settled_gaps * walk.cadence
    mature = walk.order_days >= rules.stable_days and settled
    if walk.stage == _F and mature and held and walk.holding >= rules.running:
        return _S, _LEVEL_HELD
    return int(walk.stage), _STAYS


@kernel
def _enter(walk: Record, stage: int) -> None:
    """Begin another stage; whoever recovers begins with a new peak."""
    if walk.stage == _R:
        walk.recoveries += 1
        walk.peak = walk.level
        _set_share(walk)
    if _R in (walk.stage, stage):
        walk.steady = walk.falling = walk.holding = 0
    if stage != _R:
        walk.reached = max(walk.reached, stage)
    walk.stage, walk.since = stage, walk.tick


@kernel
def _set_sub_state(walk: Record, cause: int) -> None:
    """Sub-state of regression, and why a spell begins at this tick: a move's cause comes before a sub-state's."""
    elapsed = walk.tick - walk.last_order
    sub_state = _NONE
    if walk.stage == _R:
        sub_state = _LOST if elapsed > walk.lost_limit else (_SILENT if _is_silent(walk) else _SLIPPING)
    if cause == _STAYS and sub_state != walk.sub_state:
        silent = sub_state == _SILENT and walk.sub_state == _SLIPPING
        cause = _LONG_SILENT if sub_state == _LOST else (_FELL_SILENT if silent else _ORDERED_AGAIN)
    walk.sub_state, walk.cause = sub_state, cause


@kernel
def _step(walk: Record, rows: tuple[int, int], columns: Columns, rules: Record) -> None:
    """Everything that happens at one tick."""
    _take_in(walk, rows[1], columns, rules)
    _set_level(walk, rows[0], columns)
    _set_streaks(walk, rules)
    stage, cause = _next_stage(walk, rules)
    if stage != walk.stage:
        _enter(walk, stage)
    _set_sub_state(walk, cause)


@kernel
def _to_hold(walk: Record, columns: Columns, rules: Record) -> float:
    """Usual order-days that must come within the period, or else the level is that of a fall-off at its end.

    What lies in the window at t + P if nothing comes, against what the peak asks
    of it; NaN where the peak, or a usual order-day, is nothing.
    """
    day, totals = columns[0], columns[3]
    begin, low = walk.tick + rules.hold_days - walk.window, walk.low
    while low < walk.row and day[low] < begin:
        low += 1
    usual = (totals[walk.row] - totals[walk.first]) / 1e6 / walk.order_days
    if usual <= 0 or walk.peak <= 0:
        return np.nan
    return float((rules.falls_off * walk.peak * walk.window / 7 - (totals[walk.row] - totals[low]) / 1e6) / usual)


@kernel
def _emit(walk: Record, outlook: tuple[float, int], states: States, k: int) -> None:
    """Write down where the customer stands at the tick."""
    stage, sub_state, since, recoveries, reached, cadence, silence, level, peak, to_hold, if_silent = states
    stage[k], sub_state[k], since[k], recoveries[k] = walk.stage, walk.sub_state, walk.since, walk.recoveries
    reached[k], cadence[k], level[k], peak[k] = walk.reached, walk.cadence, walk.level, walk.peak
    silence[k] = (walk.tick - walk.last_order) / walk.limit
    to_hold[k], if_silent[k] = outlook


@kernel
def _if_silent(walks: Any, columns: Columns, rules: Record) -> int:
    """Stage at the end of the period if nothing comes: the first record stays, the second walks on.

    The second goes on from where it stands as long as nothing came indeed.
    Nobody walks who is silent at the end, or in regression without an order
    since: without one neither gets out of it. Nor does who has too few orders
    to fall off or to become stable: for those only time has to pass.
    """
    walk, weeks = walks[0], rules.hold_days // 7
    silent = walk.tick + 7 * weeks - walk.last_order > walk.limit
    if silent or (walk.stage == _R and walk.last_order < walk.since):
        return int(_R)
    if walk.order_days < rules.stable_days:
        unsteady = walk.stage == _R and walk.steady + weeks < rules.steady
        return int(_R if unsteady else (_F if walk.order_days >= rules.formative_days else _E))
    ahead = walks[1]
    if ahead.row != walk.row or ahead.tick < walk.tick:
        walks[1] = walks[0]
    while ahead.tick < walk.tick + 7 * weeks:
        ahead.tick += 7
        _step(ahead, (ahead.first, ahead.row), columns, rules)
    return int(ahead.stage)


@kernel
def _same_until(walk: Record, last: int, day: Any) -> int:
    """First tick by which something may have changed.

    Of the lost, with nothing left in the window, nothing that anybody sees
    changes before their next row: the streaks begin anew once they come back.
    """
    if walk.sub_state != _LOST or walk.low < walk.row:
        return int(walk.tick + 7)
    return int(walk.tick + 7 * ((day[walk.row] - walk.tick) // 7 + 1)) if walk.row < last else _NEVER


@kernel
def _walk_one(walks: Any, rows: tuple[int, int], columns: Columns, rules: Record, snapshots: Any) -> None:
    places, cutoffs, states = snapshots
    walk, (k, last) = walks[0], places
    while True:
        _step(walk, rows, columns, rules)
        until = _same_until(walk, rows[1], columns[0])
        if cutoffs[k] < until:
            outlook = _to_hold(walk, columns, rules), _if_silent(walks, columns, rules)
            while k < last and cutoffs[k] < until:
                walk.tick = cutoffs[k]
                _emit(walk, outlook, states, k)
                k += 1
        if k == last:
            return
        walk.tick = until


@numba.njit(cache=True, nogil=True)
def walk_all(starts: Any, columns: Columns, phase: int, rules: Any, snapshots: Any) -> None:
    """Walk every customer and fill its states.

    Args:
        starts: row at which each customer's rows begin, shape (customers + 1,).
        columns: as `Columns`.
        phase: day number of every tick, modulo 7.
        rules: one record of RULES, shape (1,).
        snapshots: customer codes and cut-offs, sorted, each of shape (n,), and the states to fill.
    """
    customers, cutoffs, states = snapshots
    walks = np.zeros(2, dtype=WALK)
    begin = 0
    while begin < len(customers):
        end = begin
        while end < len(customers) and customers[end] == customers[begin]:
            end += 1
        first, last = starts[customers[begin]], starts[customers[begin] + 1]
        _start(walks[0], first, columns, phase)
        _walk_one(walks, (first, last), columns, rules[0], ((begin, end), cutoffs, states))
        begin = end


@numba.njit(cache=True)
def _note(walk: Record, begun: int, used: int, spells: Any) -> tuple[int, Any]:
    """Note the spell that begins at this tick, if one does; the array doubles where it is full."""
    cause = _FIRST_ORDER if used == begun and walk.cause == _STAYS else walk.cause
    if cause == _STAYS:
        return used, spells
    if used == len(spells):
        longer = np.zeros(2 * used, dtype=SPELL)
        longer[:used] = spells
        spells = longer
    if used > begun:
        spells[used - 1].end, spells[used - 1].closed = walk.tick, 1
    spell = spells[used]
    spell.begin, spell.stage, spell.sub_state, spell.cause = walk.tick, walk.stage, walk.sub_state, cause
    return used + 1, spells


@numba.njit(cache=True, nogil=True)
def walk_spells(starts: Any, columns: Columns, rules: Any, customers: Any, clock: tuple[int, int]) -> Any:
    """Walk customers once and note each stay in a stage or, in regression, in a sub-state.

    Args:
        starts: row at which each customer's rows begin, shape (customers + 1,).
        columns: as `Columns`.
        rules: one record of RULES, shape (1,).
        customers: codes, each with an order-day before the last tick, shape (n,).
        clock: day number of every tick, modulo 7; and the last tick.

    Returns:
        SPELL records, in the order of the customers and of time.
    """
    phase, until = clock
    walks = np.zeros(1, dtype=WALK)
    spells: Any = np.zeros(2 * len(customers) + 1, dtype=SPELL)
    used = 0
    for customer in customers:
        begun, rows = used, (starts[customer], starts[customer + 1])
        walk = walks[0]  # numba keeps `walks` alive for as long as it is named: a record alone does not
        _start(walk, rows[0], columns, phase)
        while walk.tick <= until:
            _step(walk, rows, columns, rules[0])
            used, spells = _note(walk, begun, used, spells)
            walk.tick += 7
        spells.customer[begun:used] = customer
        spells[used - 1].end = walk.tick
    return spells[:used].copy()


@numba.njit(cache=True, nogil=True)
def walk_trace(columns: Columns, rules: Any, rows: tuple[int, int], phase: int, trace: Any) -> None:
    """Walk one customer and copy out all that the machine remembers at each tick.

    Args:
        columns: as `Columns`.
        rules: one record of RULES, shape (1,).
        rows: first row of the customer, and the first one that is not.
        phase: day number of every tick, modulo 7.
        trace: WALK records to fill, one a tick, shape (ticks,).
    """
    walks = np.zeros(1, dtype=WALK)
    _start(walks[0], rows[0], columns, phase)
    for k in range(len(trace)):
        _step(walks[0], rows, columns, rules[0])
        trace[k] = walks[0]
        walks[0].tick += 7
