"""Are the orders fresh enough?"""

import numpy as np

from features.fixed import Ints
from serving.gates.config import GatesConfig
from serving.gates.days import OrderDays
from serving.gates.facts import WeekFacts
from serving.gates.finding import Look

HALF_AGAIN = 1.5
"""A silence may be so many times as long as the longest but one."""

RARE = float(np.log(1000))
"""Of a thousand silences of a shop whose orders come at random, one is longer than so many mean gaps."""

SHORTEST = 4
"""Days without an order that every shop may have: a long weekend."""

RECENT = 182
"""Days back from the cut-off from which normal is learnt: half a year, in which no yearly closure comes twice."""

SEASON = 7
"""Days by which a holiday may come earlier or later than last year."""


def fresh(now: WeekFacts, _before: list[WeekFacts], _config: GatesConfig) -> Look:
    """Days without an order at the end, beside the longest of the weeks before.

    The very longest of the last half-year does not count, since one closure
    would make its length normal; what was as long at this time last year does.
    """
    days = now.orders
    if days.until is None:
        return Look(False, "no orders at all in 60 weeks", "orders up to the cut-off", "check the file and --as-of")
    lengths, ends = _silences(np.asarray(days.lines[len(days.lines) - days.begun :]))
    last = int(lengths[-1]) if ends[-1] == days.begun else 0
    earlier = lengths[: len(lengths) - (last > 0)][ends[: len(ends) - (last > 0)] > days.begun - RECENT]
    normal = max(int(HALF_AGAIN * np.sort(earlier)[-2]) if len(earlier) > 1 else 0, SHORTEST, _by_chance(days))
    year = _last_year(lengths, ends, days.begun)
    return Look(
        last <= max(normal, year),
        f"the last order is of {days.until}: {last} days without one before the cut-off",
        f"up to {max(normal, year)} days, by the half-year before and the same season last year",
        'look whether the export is complete; if the shop was closed, set fresh = "warn" in [serving.gates]',
    )


def _by_chance(days: OrderDays) -> int:
    """Days that chance alone leaves without an order where few come."""
    recent = days.customers[len(days.customers) - min(days.begun, RECENT) :]
    return int(RARE * len(recent) / max(sum(recent), 1))


def _silences(lines: Ints) -> tuple[Ints, Ints]:
    """Length of each run of days without a line, and the place at which it ends; a run of none at the start."""
    busy = np.flatnonzero(np.concatenate([[1], lines, [1]]))
    lengths, ends = np.diff(busy) - 1, busy[1:] - 1
    silent = lengths > 0
    return np.append(0, lengths[silent]), np.append(0, ends[silent])


def _last_year(lengths: Ints, ends: Ints, now: int) -> int:
    """The longest silence that lay, in part, within a week of this day a year ago."""
    day = now - 364
    then = (ends - lengths < day + SEASON) & (ends > day - SEASON) & (ends < now)
    return int(lengths[then].max(initial=0)) if day - SEASON >= 0 else 0
