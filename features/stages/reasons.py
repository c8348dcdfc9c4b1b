"""Why a customer moved: one plain sentence a move, from the numbers that the rule read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.clock import WEEK, to_date
from features.fixed import Ints
from features.stages.fit import balanced_quantiles
from features.stages.moves import SUB_STATES, Cause, Stage
from features.stages.spec import BANDS, StageSpec
from features.stages.words import in_letters
from features.stages.words import share as in_words

_BANDS = ("1 order-day", "2-3 order-days", "4-7 order-days", "8 order-days or more")


@dataclass(frozen=True)
class Move:
    """What is known where a spell begins.

    Attributes:
        now: WALK record at the tick of the move, after it.
        before: WALK record at the tick before; at the first tick, `now` itself.
        order_days: day numbers of the customer's order-days before the tick.
        spec: the frozen constants.
    """

    now: Any
    before: Any
    order_days: Ints
    spec: StageSpec

    @property
    def band(self) -> int:
        """Band of the order-days so far."""
        return int(np.searchsorted(BANDS, self.now.order_days, side="right")) - 1

    @property
    def silence(self) -> int:
        """Days since the last order-day."""
        return int(self.now.tick - self.now.last_order)

    @property
    def held(self) -> int:
        """Days for which the stage that was left had been held."""
        return int(self.now.tick - self.before.since)

    @property
    def peak(self) -> float:
        """The peak that the level was held against."""
        return float(max(self.before.peak, self.now.level))


def reason(cause: Cause, move: Move) -> str:
    """The sentence of a move."""
    return _SENTENCES[cause](move)


def place(stage: int, sub_state: int) -> str:
    """Stage and, in regression, sub-state in words, as in `regression (silent)`."""
    return Stage(stage).label + (f" ({SUB_STATES[sub_state]})" if sub_state else "")


def amount(value: float) -> str:
    """A number with four digits that count."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _first_order(move: Move) -> str:
    return f"first order on {to_date(move.now.first_order)}"


def _enough_orders(move: Move) -> str:
    needed = move.spec.constants.formative_days
    return f"{move.now.order_days} order-days, where formative asks for {needed}; examination held for {_held(move)}"


def _level_held(move: Move) -> str:
    now, chosen = move.now, move.spec.constants
    known = now.tick - now.first_order
    return (
        f"{now.order_days} order-days, where stable asks for {chosen.stable_days}; {_level(move)}, at least "
        f"{100 * chosen.holds_up:.4g} % of its peak of {amount(move.peak)}{_weeks(chosen.running)}; customer for "
        f"{known} days, {known / now.cadence:.3g} of {_gaps(move)}, where {chosen.settled_gaps:.3g} are asked for; "
        f"formative held for {_held(move)}"
    )


def _fell_off(move: Move) -> str:
    chosen = move.spec.constants
    share = f"at most {100 * chosen.falls_off:.4g} % of its peak of {amount(move.peak)}"
    return f"{_level(move)}, {share}{_weeks(chosen.running)}"


def _fell_silent(move: Move) -> str:
    q = balanced_quantiles(list(move.spec.typical_gap), move.spec.constants)[move.band]
    return _late(move, (round(q, 3), move.spec.silent_after[move.band]), move.now.limit)


def _long_silent(move: Move) -> str:
    return _late(move, (move.spec.constants.lost_quantile, move.spec.lost_after[move.band]), move.now.lost_limit)


def _ordered_again(move: Move) -> str:
    last = move.before.last_order
    again = move.order_days[np.searchsorted(move.order_days, last, side="right")]
    return f"ordered again on {to_date(again)}, for the first time since {to_date(last)}"


def _recovered(move: Move) -> str:
    now, weeks, running = move.now, move.spec.constants.fall_weeks, _weeks(move.spec.constants.steady)
    days = "1 order-day makes" if now.order_days == 1 else f"{now.order_days} order-days make"
    forgiven = move.held >= WEEK * weeks
    steady = f"not silent{running}" if forgiven else f"neither silent nor falling off{running}"
    forgotten = f"; after {weeks} weeks its present level counts as its own" if forgiven else ""
    return (
        f"ordered on {to_date(now.last_order)}, after regression began on {to_date(move.before.since)}, and was "
        f"{steady}{forgotten}; regression held for {_held(move)}; {days} it {Stage(now.stage).label}"
    )


def _late(move: Move, quantile: tuple[float, float], limit: float) -> str:
    """Silence against a quantile of the shop's waits, and against the same scaled to the customer's own rhythm."""
    (q, usual), band = quantile, move.band
    own = usual * move.now.cadence / move.spec.typical_gap[band]
    floor = "" if abs(own - limit) < 0.5 else f", and nobody with this rhythm is called so within {int(limit)} days"
    return (
        f"no order for {move.silence} days, {move.silence / move.now.cadence:.3g} of {_gaps(move)}; {in_words(q)} "
        f"of the returning customers with {_BANDS[band]} are back within {int(usual)} days at the shop's rhythm, "
        f"{int(own)} at this customer's own{floor}"
    )


def _weeks(ticks: int) -> str:
    return f" for {in_letters(ticks)} weeks running" if ticks > 1 else ""


def _held(move: Move) -> str:
    return f"{move.held} days, where a period is {move.spec.hold_days}"


def _gaps(move: Move) -> str:
    return f"its usual gaps of {move.now.cadence:.3g} days"


def _level(move: Move) -> str:
    level = amount(move.now.level)
    return f"spends {level} a week" if move.spec.level_measure == "net" else f"orders on {level} days a week"


_SENTENCES: dict[Cause, Callable[[Move], str]] = {
    Cause.FIRST_ORDER: _first_order,
    Cause.ENOUGH_ORDERS: _enough_orders,
    Cause.LEVEL_HELD: _level_held,
    Cause.FELL_OFF: _fell_off,
    Cause.FELL_SILENT: _fell_silent,
    Cause.LONG_SILENT: _long_silent,
    Cause.ORDERED_AGAIN: _ordered_again,
    Cause.RECOVERED: _recovered,
}
