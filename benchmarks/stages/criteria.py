"""The criteria by which definitions of the stages are compared.

Separation: how much the place (examination, formative, stable; regression
slipping, silent, lost) tells about an order to come, as mutual information over
the entropy of the outcome; the mean of two horizons, one period and 13 weeks.
Flicker: moves between stages that are undone within 8 weeks, a customer-year.
Delay: days from the last order-day of those who left to the first tick at which
they stand in regression, 26 weeks where that never came. False alarms: share of those who fall silent that
order within 13 weeks.
"""

from dataclasses import dataclass

import numpy as np
from shops import Shop, last_order_day, ordered_within

from features.fixed import Floats
from features.stages.machine import StageState, run_stages
from features.stages.moves import Stage, SubState
from features.stages.spec import StageSpec
from features.stages.spells import places

HORIZON = 91
_UNDONE = 8  # weeks
_PLACES = 6
_YEAR = 365.25 / 7  # weeks
GONE = 182  # days without an order after which a customer counts as gone; half of that in a log of a year


@dataclass(frozen=True)
class Criteria:
    """How good a definition is on one shop.

    Attributes:
        separation: in [0, 1]; more is better.
        flicker: undone moves a customer-year; less is better.
        delay: days, mean; less is better.
        false_alarms: share; less is better.
        departed: customers that the delay rests on.
        draws: separation in each bootstrap draw over customers, shape (draws,).
    """

    separation: float
    flicker: float
    delay: float
    false_alarms: float
    departed: int
    draws: Floats


def judge(shop: Shop, spec: StageSpec, weights: Floats) -> Criteria:
    """Criteria of a spec on a shop.

    Args:
        shop: the shop.
        spec: fitted before the shop's reference tick.
        weights: bootstrap weights of the shop's customers, shape (draws, customers).
    """
    state = run_stages(shop.history, spec, shop.snapshots.customer, shop.snapshots.cutoff)
    return judge_state(shop, state, weights)


def judge_state(shop: Shop, state: StageState, weights: Floats) -> Criteria:
    """Criteria of the states of a shop's snapshots, however they came about."""
    tables = [_table(shop, places(state.stage, state.sub_state), days) for days in (shop.period, HORIZON)]
    everyone = np.ones((1, len(shop.side)))
    separation = float(np.mean([_information(everyone @ table) for table in tables]))
    draws = np.mean([_information(weights @ table) for table in tables], axis=0)
    delays = _delays(shop, state)
    mean = float(delays.mean()) if len(delays) else np.nan
    return Criteria(separation, _flicker(shop, state), mean, _false_alarms(shop, state), len(delays), draws)


def _table(shop: Shop, places: np.ndarray, days: int) -> Floats:
    """Counts of (place, ordered or not) of each customer, shape (customers, 12), at ticks a period apart."""
    ordered = ordered_within(shop, days)
    asked = np.isfinite(ordered) & ((shop.snapshots.cutoff - shop.reference) % shop.period == 0)
    code = np.searchsorted(shop.side, shop.snapshots.customer[asked])
    cell = code * 2 * _PLACES + places[asked] * 2 + ordered[asked].astype(np.int64)
    return np.bincount(cell, minlength=len(shop.side) * 2 * _PLACES).reshape(len(shop.side), -1).astype(np.float64)


def _information(counts: Floats) -> Floats:
    """Mutual information over entropy of the outcome, of each row of counts (rows, 12)."""
    p = counts.reshape(len(counts), _PLACES, 2)
    p = p / p.sum(axis=(1, 2), keepdims=True)
    rows, columns = p.sum(axis=2, keepdims=True), p.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        shared = np.where(p > 0, p * np.log(p / (rows * columns)), 0.0).sum(axis=(1, 2))
        entropy = -np.where(columns > 0, columns * np.log(columns), 0.0).sum(axis=(1, 2))
    return np.asarray(shared / entropy)


def _flicker(shop: Shop, state: StageState) -> float:
    customer, stage = shop.snapshots.customer, state.stage
    undone = np.zeros(len(stage), dtype=bool)
    moved = np.flatnonzero((customer[1:] == customer[:-1]) & (stage[1:] != stage[:-1])) + 1
    for weeks in range(1, _UNDONE + 1):
        then = np.minimum(moved + weeks, len(stage) - 1)
        undone[moved] |= (customer[then] == customer[moved]) & (stage[then] == stage[moved - 1])
    return float(undone.sum() / (len(stage) / _YEAR))


def _delays(shop: Shop, state: StageState) -> Floats:
    last = last_order_day(shop)[shop.snapshots.customer]
    gone = GONE if shop.end - shop.reference > GONE + 28 else GONE // 2
    asked = (last >= shop.reference) & (last + gone <= shop.end) & (shop.snapshots.cutoff > last)
    left, which = np.unique(shop.snapshots.customer[asked], return_inverse=True)
    waited = np.where(state.stage == Stage.REGRESSION, shop.snapshots.cutoff - last, gone)[asked]
    delays = np.full(len(left), float(gone))
    np.minimum.at(delays, which, waited)
    return delays


def _false_alarms(shop: Shop, state: StageState) -> float:
    silent = state.sub_state >= SubState.SILENT
    customer, ordered = shop.snapshots.customer, ordered_within(shop, HORIZON)
    began = np.flatnonzero((customer[1:] == customer[:-1]) & silent[1:] & ~silent[:-1]) + 1
    known = began[np.isfinite(ordered[began])]
    return float(ordered[known].mean()) if len(known) else np.nan
