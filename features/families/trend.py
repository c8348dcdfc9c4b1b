"""Which way: each window against the one before it."""

from collections.abc import Iterator

import numpy as np

from features.families.spend import MONEY
from features.feature import Feature, change, ratio
from features.fixed import Floats
from features.snapshots import Past
from features.windows import weeks


def trend(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Relative change of order-days and spend, and the recent pace against the whole tenure's."""
    for number in windows:
        yield from _within(number, weeks(number))


def _within(number: int, days: int) -> Iterator[Feature]:
    against = f"in the last {number} weeks against the {number} weeks before, in [-1, 1]"
    yield Feature(
        f"order_days_change_{number}w",
        f"order-days {against}",
        "ratio",
        lambda p: change(p.count("order_day", days), p.count("order_day", days, ending=days)),
        formula=f"change(n({number}w), n({number}w before))",
    )
    yield Feature(
        f"spend_change_{number}w",
        f"spend of the order-days {against}",
        "ratio",
        lambda p: change(p.total("value", days), p.total("value", days, ending=days)),
        MONEY,
        formula=f"change(sum(v, {number}w), sum(v, {number}w before))",
    )
    yield Feature(
        f"pace_{number}w",
        f"order-days a day in the last {number} weeks (or since the first, if later) over those of the whole tenure",
        "ratio",
        lambda p: _pace(p, days),
        formula=f"(n({number}w) / min({number}w, t - d_1)) / (n(ever) / (t - d_1))",
        empty=0,
    )


def _pace(past: Past, days: int) -> Floats:
    """A customer younger than the window has its usual pace: 1."""
    passed = np.minimum(past.tenure, days)
    return ratio(past.count("order_day", days) * past.tenure, past.count("order_day") * passed)
