"""The sensitivity knob: how early an alarm of silence comes, against how often it is false."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.clock import WEEK, Clock, to_day
from features.fixed import Floats, Ints
from features.history import Codes, History
from features.past import Past, Snapshots
from features.stages.fit import fit_spec
from features.stages.moves import Booleans, SubState
from features.stages.spec import StageSpec
from features.stages.spells import stage_spells
from training.validity.around import Around
from training.validity.span import Span

GRID = (0.55, 0.60, 0.65, 0.70, 0.75, 0.80, 0.85, 0.90, 0.94)
GONE_WEEKS = 26
"""Who does not order for so long after the last order counts as departed."""


@dataclass(frozen=True)
class Alarms:
    """Entries into silence in the judged part; arrays of shape (n,).

    Attributes:
        customer: customer code.
        tick: tick of the alarm.
        last_order: day of the last order-day before it.
        cadence: the customer's own cadence then, in days.
    """

    customer: Codes
    tick: Ints
    last_order: Ints
    cadence: Floats

    @classmethod
    def of(cls, history: History, spec: StageSpec, span: Span) -> "Alarms":
        """The ticks at which customers went silent."""
        spells = stage_spells(history, spec, span.end)
        silent = spells.sub_state >= SubState.SILENT
        fresh = silent.copy()
        fresh[1:] &= ~(silent[:-1] & (spells.customer[1:] == spells.customer[:-1]))
        began = spells.only(fresh & (spells.begin >= span.ticks[0]))
        past = Past(history, Snapshots(began.customer, began.begin), spec)
        if not len(began):
            return cls(began.customer, began.begin, began.begin, np.empty(0))
        return cls(began.customer, began.begin, past.last_order_day, past.stages.cadence)


def tradeoff(history: History, span: Span, called_within: int) -> pd.DataFrame:
    """What the knob Q does: each spec is fitted on the span's own reference part, and judged after it.

    Args:
        history: all orders.
        span: its spec's other constants stay; its spec's reference part is used.
        called_within: weeks after the last order within which an alarm still helps.

    Returns:
        A row a Q (`quantile`): `own` (the spec's own Q), `alarms`,
        `false_13w`, `false_26w` (share of alarms after which the customer ordered
        within so many weeks; only finished windows), `delay_days` and
        `delay_cadences` (median from the last order to the alarm), `departed`
        (orders in the judged part that nothing followed for 26 weeks) and
        `called` (share of these with an alarm within `called_within` weeks).
    """
    own = span.spec.constants.quantile
    gone = _departed(history, span)
    grid = sorted({*GRID, own})
    return pd.DataFrame([_at(history, span, q, (own, *gone, called_within)) for q in grid])


def _at(history: History, span: Span, quantile: float, asked: tuple[float, Codes, Ints, int]) -> dict[str, float]:
    own, gone, last_order, called_within = asked
    alarms = Alarms.of(history, _refitted(history, span, quantile), span)
    delay = alarms.tick - alarms.last_order
    return {
        "quantile": quantile,
        "own": quantile == own,
        "alarms": len(delay),
        **{f"false_{weeks}w": _false(history, alarms, span.end, weeks) for weeks in (13, 26)},
        "delay_days": _median(delay),
        "delay_cadences": _median(delay / alarms.cadence),
        "departed": len(gone),
        "called": _share(_called(alarms, (gone, last_order), called_within)),
    }


def _refitted(history: History, span: Span, quantile: float) -> StageSpec:
    """The span's spec with another Q; where none of its own orders are in the log, on those before the first tick."""
    spec = span.spec
    if quantile == spec.constants.quantile:
        return spec
    constants = spec.constants.model_copy(update={"quantile": quantile})
    known = to_day(date.fromisoformat(spec.fitted_before))
    before = known if len(history.known(known)) else span.ticks[0]
    return fit_spec(history, before, spec.hold_days, constants, Clock(spec.week_starts))


def _false(history: History, alarms: Alarms, end: int, weeks: int) -> float:
    around = Around(history, alarms.customer, alarms.tick, end)
    known = around.finished(weeks * WEEK)
    return _share((around.total("order_day", 0, weeks * WEEK) > 0)[known])


def _departed(history: History, span: Span) -> tuple[Codes, Ints]:
    """Order-days from the first tick on after which, for 26 weeks that are finished, nothing came."""
    day = history.day.astype(np.int64)
    row = np.flatnonzero((history.columns["order_day"] > 0) & (day >= span.ticks[0]) & (day < span.end))
    around = Around(history, history.customer[row], day[row] + 1, span.end)
    gone = around.finished(GONE_WEEKS * WEEK) & (around.total("order_day", 0, GONE_WEEKS * WEEK) == 0)
    return history.customer[row][gone], day[row][gone]


def _called(alarms: Alarms, gone: tuple[Codes, Ints], weeks: int) -> Booleans:
    """Whether each departure has an alarm within so many weeks of its last order."""
    in_time = alarms.tick <= alarms.last_order + weeks * WEEK
    called = (alarms.customer[in_time] << 18) + alarms.last_order[in_time]
    return np.isin((gone[0] << 18) + gone[1], called)


def _share(happened: Booleans) -> float:
    return float(happened.mean()) if len(happened) else float("nan")


def _median(values: Floats | Ints) -> float:
    return float(np.median(values)) if len(values) else float("nan")
