"""Is the past still what it was last week?"""

from collections.abc import Iterator

import numpy as np

from features.fixed import Ints
from features.ids import shown
from serving.gates.config import GatesConfig
from serving.gates.days import OrderDays
from serving.gates.facts import WeekFacts
from serving.gates.finding import Look

FORGOTTEN = 0.005
"""Share of the customers who may be erased or merged in a week."""

A_FEW = 5
"""Customers who may be, however small the shop."""

WORTH_A_LOOK = 200
"""Lines a source must have had for its past to be compared."""


def past(now: WeekFacts, before: list[WeekFacts], config: GatesConfig) -> Look:
    """Lines of the days that both weeks have seen, in all and for each source."""
    if not before:
        return _first()
    last = before[-1]
    sides = _common(last.orders, now.orders, last.as_of)
    if not sides["all lines"][0].sum():
        return Look.unknown("no days in common with the week before", f"that was {last.as_of}")
    name, (then, today) = max(sides.items(), key=lambda item: _changed(*item[1]))
    lost, added = int(np.maximum(then - today, 0).sum()), int(np.maximum(today - then, 0).sum())
    return Look(
        _changed(then, today) <= config.rewritten,
        f"of {int(then.sum()):,} lines ({name}) before {last.as_of}, {lost:,} are gone and {added:,} have come",
        f"at most {config.rewritten:.0%} may change from week to week",
        "these are not the orders that last week was scored from: check the file",
    )


def customers(now: WeekFacts, before: list[WeekFacts], _config: GatesConfig) -> Look:
    """Customers of last week and newcomers since, beside the customers of this week: they must be the same."""
    if not before:
        return _first()
    last, place = before[-1], now.orders.place(before[-1].as_of)
    if place < 0:
        return Look.unknown(f"{now.counts.rows:,} customers", f"the week before, {last.as_of}, is too long ago")
    came = sum(now.orders.newcomers[place:])
    off = now.counts.rows - last.counts.rows - came
    allowed = max(round(FORGOTTEN * last.counts.rows), A_FEW)
    return Look(
        abs(off) <= allowed,
        f"{now.counts.rows:,} customers: {last.counts.rows:,} on {last.as_of}, {came:,} new since,"
        f" {abs(off):,} {'missing' if off < 0 else 'that should have been there'}",
        f"at most {allowed:,} missing or too many",
        "customers were dropped, merged or renamed: check the ids",
    )


def _first() -> Look:
    return Look.unknown("the first week", "there is no week before it")


def _common(last: OrderDays, now: OrderDays, until: str) -> dict[str, tuple[Ints, Ints]]:
    """Lines of the days that both have seen, then and now, in all and of each source worth a look."""
    since = max(last.since, now.since)
    spans = [slice(max(days.place(since), 0), max(days.place(until), 0)) for days in (last, now)]

    def both(then: tuple[int, ...], today: tuple[int, ...]) -> tuple[Ints, Ints]:
        return np.asarray(then[spans[0]]), np.asarray(today[spans[1]])

    sources = {f"source '{shown(name)[:40]}'": both(*pair) for name, pair in _sources(last, now)}
    worth = {name: pair for name, pair in sources.items() if pair[0].sum() >= WORTH_A_LOOK}
    return {"all lines": both(last.lines, now.lines)} | worth


def _sources(last: OrderDays, now: OrderDays) -> Iterator[tuple[str, tuple[tuple[int, ...], tuple[int, ...]]]]:
    """Lines of each source then and now. Only the largest are kept: one that is no more may just be smaller."""
    smallest = min((sum(lines) for lines in now.sources.values()), default=0)
    for name, lines in last.sources.items() if now.sources else ():
        if name in now.sources or len(now.sources) < len(last.sources) or sum(lines) > 2 * smallest:
            yield name, (lines, now.sources.get(name, (0,) * len(now.lines)))


def _changed(then: Ints, today: Ints) -> float:
    return float(np.abs(then - today).sum() / max(int(then.sum()), 1))
