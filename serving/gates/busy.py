"""Is the week as busy as was to be expected: customers, days running, lines an order, newcomers, sources?"""

from collections.abc import Iterator

import numpy as np

from features.fixed import UNIT
from features.ids import shown
from serving.gates.config import GatesConfig
from serving.gates.facts import WeekFacts
from serving.gates.finding import Look
from serving.gates.unusual import HOLE, Unusual, Weeks

FEWER = float(np.log(0.7))
"""A week is not called unusual as long as it has seven tenths of what was expected."""

MORE = float(np.log(2.0))
"""Nor as long as it has twice of it."""

HALF = float(np.log(0.5))
"""Some days, a source, or a few newcomers are allowed to vary by half."""

THIRD = float(np.log(4 / 3))
"""Lines an order vary little, and hardly by a third."""

THREEFOLD = float(np.log(3.0))
"""Money an order may be a third, or three times, of what was expected: one large order can do that."""

_MANY = 1000
"""Ratios of counts are counted in thousandths."""


def orders(now: WeekFacts, _before: list[WeekFacts], config: GatesConfig) -> Look:
    """Customers who ordered, in the week."""
    found = Weeks.of(now.orders.customers, now.orders.begun).total(config.width)
    return _look(found, "{} customers ordered in the week", (FEWER, MORE))


def hole(now: WeekFacts, _before: list[WeekFacts], config: GatesConfig) -> Look:
    """The same on the emptiest days running."""
    found = Weeks.of(now.orders.customers, now.orders.begun).hole(config.width)
    return _look(found, "{} customers ordered on the emptiest " + f"{HOLE} days running", (HALF, np.inf))


def basket(now: WeekFacts, _before: list[WeekFacts], config: GatesConfig) -> Look:
    """Lines for each customer and day."""
    return _look(_each(now, now.orders.lines, 1, config.width), "{} lines an order", (-THIRD, THIRD), _MANY)


def money(now: WeekFacts, _before: list[WeekFacts], config: GatesConfig) -> Look:
    """Money spent by each customer and day: amounts in cents, in another currency, or with a comma lost."""
    if not any(now.orders.spend):
        return Look.unknown("orders without money", "there is none to compare")
    return _look(_each(now, now.orders.spend, UNIT, config.width), "{} spent an order", (-THREEFOLD, THREEFOLD), _MANY)


def newcomers(now: WeekFacts, _before: list[WeekFacts], config: GatesConfig) -> Look:
    """Customers who ordered for the first time."""
    found = Weeks.of(now.orders.newcomers, now.orders.begun).total(config.width)
    return _look(found, "{} new customers in the week", (HALF, -2 * HALF))


def sources(now: WeekFacts, _before: list[WeekFacts], config: GatesConfig) -> Look:
    """Lines of each source, in the week and on its emptiest days running; the worst is told."""
    if not now.orders.sources:
        return Look.unknown("no column of sources", "name one with source = ... in [serving.gates]")
    looks = list(_each_source(now, config.width))
    if not looks:
        return Look.unknown(f"{len(now.orders.sources)} sources", "none of them has lines every week")
    wrong = [look for look in looks if not look.fine]
    if not wrong:
        return Look(True, f"all of {len(now.orders.sources)} sources as is normal for them", looks[0].normal)
    more = f"; and {len(wrong) - 1} more like this" if len(wrong) > 1 else ""
    return Look(False, wrong[0].saw + more, wrong[0].normal, wrong[0].remedy)


def _each(now: WeekFacts, counts: tuple[int, ...], unit: int, width: float) -> Unusual | None:
    """So much a customer and day, in thousandths of a unit; None where nobody ordered in the newest week."""
    sums, customers = (Weeks.of(part, now.orders.begun).days.sum(axis=1) for part in (counts, now.orders.customers))
    if not customers[-1:].any():
        return None
    return Weeks(np.rint(sums / np.maximum(customers, 1) * (_MANY / unit)).astype(np.int64)[:, None]).total(width)


def _each_source(now: WeekFacts, width: float) -> Iterator[Look]:
    for name, lines in now.orders.sources.items():
        weeks, named = Weeks.of(lines, now.orders.begun), f"of the source '{shown(name)[:40]}'"
        looked = ((weeks.total(width), "in the week"), (weeks.hole(width), f"on the emptiest {HOLE} days running"))
        for found, when in looked:
            if found:
                yield _look(found, f"{{}} lines {named} {when}", (HALF, np.inf))


def _look(found: Unusual | None, said: str, least: tuple[float, float], unit: float = 1.0) -> Look:
    """A week beside what is normal, never narrower than `least`."""
    if found is None:
        return Look.unknown("too little to compare with", "too few weeks, or weeks without any are common")
    low, high = min(found.low, least[0]), max(found.high, least[1])
    seen, expected = (_number(count / unit) for count in (found.seen, found.expected))
    return Look(
        low <= found.ratio <= high,
        f"{said.format(seen)}; the weeks before let expect {expected}",
        f"{_range(low, high)} of what is expected, from {found.normal.weeks} weeks"
        " and the same season last year where it is known",
        "look whether all orders came, and came once",
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.3g}"


def _range(low: float, high: float) -> str:
    least, most = (100 * np.exp(side) for side in (low, high))
    return f"at least {least:.0f} %" if np.isinf(most) else f"{least:.0f} % to {most:.0f} %"
