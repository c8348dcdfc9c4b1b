"""Which way: each window against the one before it."""

from collections.abc import Iterator

from features.families.spend import MONEY
from features.feature import Feature, change, ratio
from features.snapshots import weeks


def trend(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Relative change of order-days and spend, and the recent pace against the whole tenure's."""
    for w in windows:
        days = weeks(w)
        yield Feature(
            f"order_days_change_{w}w",
            f"order-days in the last {w} weeks against the {w} weeks before, in [-1, 1]",
            "ratio",
            lambda p, d=days: change(p.count("order_day", d), p.count("order_day", d, ending=d)),
        )
        yield Feature(
            f"spend_change_{w}w",
            f"spend in the last {w} weeks against the {w} weeks before, in [-1, 1]",
            "ratio",
            lambda p, d=days: change(p.total("gross", d), p.total("gross", d, ending=d)),
            MONEY,
        )
        yield Feature(
            f"pace_{w}w",
            f"order-days a day in the last {w} weeks over those of the whole tenure",
            "ratio",
            lambda p, d=days: ratio(
                p.count("order_day", d) * (p.cutoff - p.first_order_day), p.count("order_day") * float(d)
            ),
        )
