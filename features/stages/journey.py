"""The journey of one customer: what was known at every tick, every move, and why."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.clock import WEEK, Clock, stamps
from features.fixed import UNIT, Ints
from features.history import History
from features.ids import shown
from features.stages.machine import walk_columns, walk_rules
from features.stages.moves import STAGES, SUB_STATES, Cause
from features.stages.reasons import Move, amount, place, reason
from features.stages.spec import StageSpec
from features.stages.walk import WALK, walk_trace


@dataclass(frozen=True)
class Journey:
    """One customer's history in numbers and words.

    Attributes:
        customer: the customer's id, as it came.
        measure: what level and peak are measured in: `net` or `order_day_units`.
        orders: a row a day with an order or a return: `day`, `orders` placed,
            `order_day` (whether it counts as one) and, where there is money,
            `spend`, net of returns.
        ticks: a row a tick: `tick`, `order_days` so far, `orders` and `spend`
            of the week before, `level` and `peak` a week, `share` (level over
            peak), `cadence` in days, `silence` in own limits, `silence_in_gaps`
            in own cadences, `stage`, `sub_state`.
        moves: a row a move: `tick`, `before` and `after` (stage and sub-state
            in words), `cause`, and its `reason` in one sentence.
    """

    customer: str
    measure: str
    orders: pd.DataFrame
    ticks: pd.DataFrame
    moves: pd.DataFrame

    def lines(self) -> list[str]:
        """The journey to print: weeks with an order or a move, then every move with its reason."""
        last = self.ticks.iloc[-1]
        head = (
            f"Customer {shown(self.customer)} at {last.tick:%Y-%m-%d}: {self.moves['after'].iloc[-1]}, "
            f"{last.order_days} order-days, usual gap {last.cadence:.3g} days"
        )
        return [head, "", *_weeks(self), "", "Moves:", *(f"  {line}" for line in self.sentences())]

    def sentences(self) -> list[str]:
        """Each move in one sentence, with its date."""
        columns = (self.moves[name] for name in ("tick", "before", "after", "reason"))
        return [
            f"{tick:%Y-%m-%d} {f'{before} -> ' if before else ''}{after}: {reason}"
            for tick, before, after, reason in zip(*columns, strict=True)
        ]


def customer_journey(history: History, spec: StageSpec, code: int, until: int) -> Journey:
    """Journey of one customer up to and including a tick.

    Args:
        history: all orders; those on or after `until` are not looked at.
        spec: the frozen constants.
        code: the customer's code, known at `until`.
        until: the last tick.

    Raises:
        DataError: the orders lack the money that the spec's level is measured in.
    """
    trace = _trace(history, spec, code, until)
    orders = _orders(history, code, until)
    days = orders.loc[orders["order_day"], "day"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return Journey(
        customer=str(history.customers[code]),
        measure=spec.level_measure,
        orders=orders,
        ticks=_ticks(trace, orders),
        moves=_moves(trace, days, spec),
    )


def _trace(history: History, spec: StageSpec, code: int, until: int) -> Any:
    clock = Clock(spec.week_starts)
    first = clock.after(int(history.first_order_day[code]))
    trace = np.zeros(len(range(first, until + 1, WEEK)), dtype=WALK)
    rows = (int(history.starts[code]), int(history.starts[code + 1]))
    walk_trace(walk_columns(history, spec), walk_rules(spec), rows, clock.phase, trace)
    trace["cause"][:1] = np.where(trace["cause"][:1] == Cause.NONE, Cause.FIRST_ORDER, trace["cause"][:1])
    return trace.view(np.recarray)


def _orders(history: History, code: int, until: int) -> pd.DataFrame:
    rows = slice(int(history.starts[code]), int(history.before(np.array([code]), [until])[0]))
    columns = {
        "day": stamps(history.day[rows].astype(np.int64)),
        "orders": history.columns["orders"][rows],
        "order_day": history.columns["order_day"][rows] > 0,
    }
    return pd.DataFrame(columns | ({"spend": history.columns["net"][rows] / UNIT} if "net" in history.columns else {}))


def _ticks(trace: Any, orders: pd.DataFrame) -> pd.DataFrame:
    elapsed, tick = trace.tick - trace.last_order, stamps(trace.tick)
    orders = orders[orders["day"] >= tick[0] - np.timedelta64(WEEK, "D")]  # returns may come before any order-day
    week = np.searchsorted(tick, orders["day"].to_numpy(), side="right")
    kinds = {"orders": np.int64, "spend": np.float64}
    weekly = {
        name: np.bincount(week, orders[name], minlength=len(tick)).astype(kind)
        for name, kind in kinds.items()
        if name in orders
    }
    share = np.divide(trace.level, trace.peak, out=np.full(len(tick), np.nan), where=trace.peak > 0)
    return pd.DataFrame(
        {"tick": tick, "order_days": trace.order_days}
        | weekly
        | {"level": trace.level, "peak": trace.peak, "share": share, "cadence": trace.cadence}
        | {"silence": elapsed / trace.limit, "silence_in_gaps": elapsed / trace.cadence}
        | {"stage": np.asarray(STAGES, dtype=object)[trace.stage]}
        | {"sub_state": np.asarray(SUB_STATES, dtype=object)[trace.sub_state]}
    )


def _moves(trace: Any, order_days: Ints, spec: StageSpec) -> pd.DataFrame:
    rows = np.flatnonzero(trace.cause != Cause.NONE)
    places = [place(int(now.stage), int(now.sub_state)) for now in trace[rows]]
    moves = [Move(trace[k], trace[max(k - 1, 0)], order_days, spec) for k in rows]
    causes = [Cause(int(move.now.cause)) for move in moves]
    return pd.DataFrame(
        {
            "tick": stamps(trace.tick[rows]),
            "before": ["", *places[:-1]],
            "after": places,
            "cause": [cause.label for cause in causes],
            "reason": [reason(cause, move) for cause, move in zip(causes, moves, strict=True)],
        }
    )


def _weeks(journey: Journey) -> list[str]:
    """A table of the weeks with an order or a move; quiet weeks between them are counted."""
    ticks, money = journey.ticks, "spend" in journey.ticks
    busy = (ticks["orders"] > 0) | ticks["tick"].isin(journey.moves["tick"]) | (ticks.index == len(ticks) - 1)
    spend = f"{'spend':>10}" if money else ""
    lines = [f"  {'week to':<10} {'orders':>6}{spend}{'level':>10}{'peak':>10}{'share':>7}{'silence':>9}  stage"]
    rows = np.flatnonzero(busy)
    for row, quiet in zip(rows, np.diff(rows, prepend=-1) - 1, strict=True):
        if quiet:
            lines.append(f"  {'...':<10} {quiet} {'week' if quiet == 1 else 'weeks'} without an order or a move")
        lines.append(_week(ticks.iloc[row], money))
    return [
        *lines,
        "  level and peak are a week's, share is level over peak, silence is in usual gaps of this customer",
    ]


def _week(tick: pd.Series, money: bool) -> str:
    spent = f"{amount(tick['spend']):>10}" if money else ""
    share = f"{tick['share']:>7.0%}" if np.isfinite(tick["share"]) else f"{'-':>7}"
    stage = tick["stage"] + (f" ({tick['sub_state']})" if tick["sub_state"] else "")
    numbers = f"{tick['orders']:>6}{spent}{amount(tick['level']):>10}{amount(tick['peak']):>10}{share}"
    return f"  {tick['tick']:%Y-%m-%d} {numbers}{tick['silence_in_gaps']:>9.1f}  {stage}"
