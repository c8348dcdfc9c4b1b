"""Find the seasons of the past year: what MBG/NBD did not expect at each weekly cut-off of it."""

import numpy as np

from features.clock import WEEK, to_date
from features.model.ahead import YEAR
from features.model.season import WEEKS, Seasons
from features.model.waiting import Waiting
from training.calibrate import off_from
from training.table import Table
from training.waiting import expected_orders

YOUNGEST = 26 * WEEK
"""Days between the first order and the oldest cut-off: whom a younger log knows, MBG/NBD cannot tell yet."""

SHARE = 0.5
"""What is left of a season a year later: the best or next to it on two shops with seasons of six and four years."""

_FURTHEST = 1.0
"""Most that is ever added, up or down: a shop that was closed for a month was not out of season."""


def year_until(newest: int, first_day: int) -> list[int]:
    """The weekly cut-offs of a year, from that a year before the newest finished one to that one itself.

    Args:
        newest: cut-off.
        first_day: day of the first order.

    Returns:
        Ascending; none where the oldest would lie in a log too young.
    """
    oldest = newest - YEAR
    return [] if oldest < first_day + YOUNGEST else list(range(oldest, newest + 1, WEEK))


def fit_seasons(year: Table | None, waiting: Waiting | None, days: int) -> Seasons | None:
    """The seasons of weekly cut-offs: how far each is off from what was expected, less the mean of the newest year.

    Args:
        year: customers known at the cut-offs of `year_until`, and what came of them.
        waiting: MBG/NBD, which says what to expect.
        days: of a period.
    """
    expected = None if year is None else expected_orders(year, waiting, days)
    if year is None or expected is None:
        return None
    cutoff = year.snapshots.cutoff
    off = off_from(cutoff, year.labels.ordered, expected)
    shifts = np.clip(SHARE * (off - off[-WEEKS:].mean()), -_FURTHEST, _FURTHEST)
    return Seasons(first=to_date(int(cutoff.min())), shifts=tuple(shifts.tolist()))
