"""How one customer lives, compiled: needs arise, and at each one the customer decides.

The world in one paragraph. A customer has needs at its own rhythm. At each
need it buys here or elsewhere, and only then does the relationship change: a
move happens at an order, or at the need that was met elsewhere. The stages are
those of the articles (and of Dwyer, Schurr and Oh 1987, "Developing
buyer-seller relationships", Journal of Marketing 51; as a hidden process that
drives orders: Netzer, Lattin and Srinivasan 2008, Marketing Science 27):

- examination: small test orders, as many as this customer wants before it
  trusts; at each need it may buy elsewhere and stay there, which is how most
  one-time buyers end (a coin at each need, as in BG/NBD: Fader, Hardie and Lee
  2005, Marketing Science 24);
- formative: each order raises rate and value towards the own peak; it takes a
  number of orders and a time of this customer's own;
- stable: rate and value at the own peak, for an exponential time (Schmittlein,
  Morrison and Colombo 1987, Management Science 33);
- regression: at once (silent), or bit by bit (rate and value fall from order
  to order until the customer stays away or, now and then, recovers); the
  silent may order once more after a long time, and then come back for good
  (to formative; to examination who never got further) or not.

Own rates are gamma distributed (Ehrenberg 1959; the NBD), gaps between needs
too (Platzer and Reutterer 2016, Marketing Science 35, regularity), own order
values lognormal.

Numba keeps what it compiled by file and does not see a change in another one:
every number that is set elsewhere comes in with the world or the calendar.
"""

from typing import Any

import numba
import numpy as np

from features.stages.moves import Stage

Record = Any
"""One record: `world` of WORLD, `life` of LIFE."""

Random = Any
"""A numpy Generator; drawn from in the order of the customers, so that the first ones never depend on later ones."""

_E, _F, _S, _R = (int(stage) for stage in Stage)
_DAY = 86_400
_MOST_A_WEEK = 7.0  # nobody needs a shop more often than daily
_BUSINESS_RATE, _BUSINESS_VALUE = 4.0, 8.0  # against a consumer's
_VALUE, _VALUE_BETWEEN, _VALUE_WITHIN = 45.0, 0.55, 0.5  # median of the own peak order value; spreads of its logarithm
_TRIAL_RATE, _TRIAL_VALUE = 0.5, 0.6  # of the own peak, while on trial
_TRUST_RATE, _TRUST_VALUE = 0.55, 0.75  # and when the relationship begins to grow
_MORE_TRIALS, _MORE_STEPS = 1.0, 1.0  # test orders past the first, orders of growth past two: means
_LEAST_GROWTH, _MEAN_GROWTH = 28.0, 40.0  # days the relationship needs to grow: at least, and on average more
_FALL_RATE, _FALL_VALUE, _LEAST_RATE, _LEAST_VALUE = 0.7, 0.88, 0.15, 0.5
_FALL_ENDS, _FALL_RECOVERS = 0.25, 0.12  # chances at each need of who falls off
_AWAY_WEEKS, _AWAY_GAPS, _AWAY_SPREAD, _BACK_FOR_GOOD = 8.0, 4.0, 0.6, 0.7

WORLD = np.dtype(
    [
        *((name, "i8") for name in ("days", "shock_day")),
        *((name, "f8") for name in ("business", "weekly_orders", "rate_shape", "regularity", "leaves_trial")),
        *((name, "f8") for name in ("leaves_growing", "stable_weeks", "slips", "comes_back", "shock_leaves")),
        *((name, "f8") for name in ("returns", "recalled")),
    ]
)
LIFE = np.dtype(
    [
        *((name, "i8") for name in ("customer", "business", "trials", "steps", "tried", "grown", "trusts", "heard")),
        *((name, "i8") for name in ("stage", "at", "since", "orders", "rows")),
        *((name, "f8") for name in ("peak_rate", "peak_value", "growth", "stable_until")),
        *((name, "f8") for name in ("clock", "share", "worth")),
    ]
)
ORDER = np.dtype(
    [("customer", "i8"), ("number", "i8"), ("at", "i8"), ("stage", "i8"), ("business", "i8"), ("value", "f8")]
)
TRUTH = np.dtype([("customer", "i8"), ("begin", "i8"), ("stage", "i8"), ("business", "i8"), ("rate", "f8")])


@numba.njit(cache=True)
def _be_born(life: Record, rng: Random, world: Record) -> None:
    """Draw what belongs to this customer for good."""
    life.business = rng.random() < world.business
    rate = rng.standard_gamma(world.rate_shape) / world.rate_shape * world.weekly_orders
    life.peak_rate = min(rate * (_BUSINESS_RATE if life.business else 1.0), _MOST_A_WEEK)
    value = _VALUE * np.exp(_VALUE_BETWEEN * rng.standard_normal())
    life.peak_value = value * (_BUSINESS_VALUE if life.business else 1.0)
    life.trials = 1 + rng.poisson(_MORE_TRIALS)
    life.steps = 2 + rng.poisson(_MORE_STEPS)
    life.growth = _LEAST_GROWTH + (_MEAN_GROWTH / 2) * rng.standard_gamma(2.0)
    life.tried = life.grown = life.trusts = life.heard = life.orders = 0


@numba.njit(cache=True)
def _arrive(life: Record, rng: Random, calendar: Any, out: Any) -> None:
    """The first order: the relationship begins with a test."""
    demand, arrivals = calendar[0][life.business], calendar[1]
    u = rng.random()
    day = np.searchsorted(arrivals, u, side="right") - 1
    if demand[day + 1] <= demand[day]:  # a weekend: the business began on the Friday before
        day = np.searchsorted(demand, demand[day], side="left") - 1
    life.clock = demand[day] + rng.random() * (demand[day + 1] - demand[day])
    life.at = -1
    _tell_time(life, calendar)
    _enter(life, _E, out)
    life.tried = 1
    _order(life, rng, out)


@numba.njit(cache=True)
def _tell_time(life: Record, calendar: Any) -> bool:
    """Set the second at which the clock of demand shows what it does; false past the end of the log."""
    demand, hours = calendar[0][life.business], calendar[2][life.business]
    end = (len(demand) - 1) * _DAY
    if life.clock >= demand[-1]:
        life.at = end
        return False
    day = np.searchsorted(demand, life.clock, side="right") - 1
    of_day = (life.clock - demand[day]) / (demand[day + 1] - demand[day])
    hour = min(np.searchsorted(hours, of_day, side="right") - 1, 23)
    of_hour = (of_day - hours[hour]) / (hours[hour + 1] - hours[hour])
    second = min(int((hour + of_hour) * 3600), _DAY - 1)
    life.at = max(day * _DAY + second, life.at + 1)
    return bool(life.at < end)


@numba.njit(cache=True)
def _wait(life: Record, rng: Random, world: Record, calendar: Any) -> bool:
    """Let time pass to the next need or, in silence, to the return; false if none comes before the end."""
    if life.share > 0:
        gap = rng.standard_gamma(world.regularity) / world.regularity / (life.peak_rate * life.share)
    elif rng.random() < world.comes_back:
        away = _AWAY_WEEKS + _AWAY_GAPS / life.peak_rate
        gap = away * np.exp(_AWAY_SPREAD * rng.standard_normal())
    else:
        gap = np.inf
    life.clock += gap
    return _tell_time(life, calendar)


@numba.njit(cache=True)
def _decide(life: Record, rng: Random, world: Record, out: Any) -> None:
    """What the customer does at a need."""
    news = life.heard == 0 and life.at >= world.shock_day * _DAY
    if news:
        life.heard = 1
    turns = news and rng.random() < world.shock_leaves
    if life.share == 0:
        _return(life, rng, out)
    elif life.stage == _E:
        _try(life, rng, turns or rng.random() < world.leaves_trial, out)
    elif life.stage == _F:
        _grow(life, rng, world, (turns or rng.random() < world.leaves_growing, out))
    elif life.stage == _S:
        _stay(life, rng, world, (turns or life.at >= life.stable_until, out))
    else:
        _fall_on(life, rng, out)


@numba.njit(cache=True)
def _try(life: Record, rng: Random, leaves: bool, out: Any) -> None:
    """A need of a customer on trial: elsewhere for good, one more test, or trust."""
    if leaves:
        _fall_silent(life, out)
        return
    if life.tried >= life.trials:
        _trust(life, out)
    life.tried += 1
    _order(life, rng, out)


@numba.njit(cache=True)
def _trust(life: Record, out: Any) -> None:
    """The relationship begins to grow, from where the trial left it."""
    life.trusts, life.grown = 1, 0
    life.share, life.worth = _TRUST_RATE, _TRUST_VALUE
    _enter(life, _F, out)


@numba.njit(cache=True)
def _grow(life: Record, rng: Random, world: Record, chosen: Any) -> None:
    """A need while the relationship grows: each order brings rate and value nearer to the own peak."""
    leaves, out = chosen
    if leaves:
        _turn_away(life, rng, world, out)
        return
    life.grown += 1
    grown = min(life.grown / life.steps, 1.0)
    life.share = _TRUST_RATE + (1 - _TRUST_RATE) * grown
    life.worth = _TRUST_VALUE + (1 - _TRUST_VALUE) * grown
    if life.grown >= life.steps and life.at - life.since >= life.growth * _DAY:
        life.stable_until = life.at + world.stable_weeks * 7 * _DAY * rng.standard_exponential()
        _enter(life, _S, out)
    elif life.grown <= life.steps:
        _record(life, out)
    _order(life, rng, out)


@numba.njit(cache=True)
def _stay(life: Record, rng: Random, world: Record, chosen: Any) -> None:
    """A need of a stable customer."""
    leaves, out = chosen
    if leaves:
        _turn_away(life, rng, world, out)
    else:
        _order(life, rng, out)


@numba.njit(cache=True)
def _turn_away(life: Record, rng: Random, world: Record, out: Any) -> None:
    """Regress: bit by bit, or at once."""
    if rng.random() >= world.slips:
        _fall_silent(life, out)
        return
    life.share, life.worth = life.share * _FALL_RATE, life.worth * _FALL_VALUE
    _enter(life, _R, out)
    _order(life, rng, out)


@numba.njit(cache=True)
def _fall_on(life: Record, rng: Random, out: Any) -> None:
    """A need of a customer who falls off: no order from now on, recovery, or less than the last time."""
    u = rng.random()
    if u < _FALL_ENDS:
        _fall_silent(life, out)
        return
    if u < _FALL_ENDS + _FALL_RECOVERS:
        _trust(life, out)
    else:
        life.share = max(life.share * _FALL_RATE, _LEAST_RATE)
        life.worth = max(life.worth * _FALL_VALUE, _LEAST_VALUE)
        _record(life, out)
    _order(life, rng, out)


@numba.njit(cache=True)
def _fall_silent(life: Record, out: Any) -> None:
    """This need is met elsewhere, and so are those that follow."""
    life.share = 0.0
    if life.stage == _R:
        _record(life, out)
    else:
        _enter(life, _R, out)


@numba.njit(cache=True)
def _return(life: Record, rng: Random, out: Any) -> None:
    """One more order after a silence: back for good, or only this once."""
    if rng.random() >= _BACK_FOR_GOOD:
        _record(life, out)
    elif life.trusts:
        _trust(life, out)
    else:
        life.tried += 1
        _enter(life, _E, out)
    _order(life, rng, out)


@numba.njit(cache=True)
def _enter(life: Record, stage: int, out: Any) -> None:
    """Begin a stage at this moment."""
    life.stage, life.since = stage, life.at
    if stage == _E:
        life.share, life.worth = _TRIAL_RATE, _TRIAL_VALUE
    elif stage == _S:
        life.share = life.worth = 1.0
    _record(life, out)


@numba.njit(cache=True)
def _record(life: Record, out: Any) -> None:
    """Write down stage and rate from this moment on."""
    row = out[1][life.rows]
    row.customer, row.begin, row.stage, row.business = life.customer, life.at, life.stage, life.business
    row.rate = life.peak_rate * life.share
    life.rows += 1


@numba.njit(cache=True)
def _order(life: Record, rng: Random, out: Any) -> None:
    """Write down an order and what it is worth."""
    row = out[0][life.orders]
    row.customer, row.number, row.at, row.stage = life.customer, life.orders, life.at, life.stage
    row.business = life.business
    row.value = life.peak_value * life.worth * np.exp(_VALUE_WITHIN * rng.standard_normal() - _VALUE_WITHIN**2 / 2)
    life.orders += 1


@numba.njit(cache=True)
def _room(rows: Any, needed: int) -> Any:
    """The same rows with room for more of them."""
    if needed <= len(rows):
        return rows
    larger = np.zeros(2 * needed, dtype=rows.dtype)
    larger[: len(rows)] = rows
    return larger


@numba.njit(cache=True, nogil=True)
def live_all(customers: tuple[int, int], rng: Random, world: Any, calendar: Any, most: int) -> Any:
    """Let customers live from their first order to the end of the log.

    Args:
        customers: number of the first one, and of the first one after the last.
        rng: drawn from for one customer after the other.
        world: one record of WORLD, shape (1,).
        calendar: demand, arrivals and hours of `Calendar`.
        most: orders that nobody exceeds.

    Returns:
        Their orders (ORDER) and truth (TRUTH), by customer, then time.
    """
    orders, truth = np.zeros(most, dtype=ORDER), np.zeros(2 * most, dtype=TRUTH)
    placed = told = 0
    lives = np.zeros(1, dtype=LIFE)
    for customer in range(customers[0], customers[1]):
        orders, truth = _room(orders, placed + most), _room(truth, told + 2 * most)
        out = (orders[placed : placed + most], truth[told : told + 2 * most])
        life = lives[0]  # numba keeps `lives` alive for as long as it is named: a record alone does not
        life.customer, life.rows = customer, 0
        _be_born(life, rng, world[0])
        _arrive(life, rng, calendar, out)
        while life.orders < most and _wait(life, rng, world[0], calendar):
            _decide(life, rng, world[0], out)
        placed, told = placed + life.orders, told + life.rows
    return orders[:placed].copy(), truth[:told].copy()
