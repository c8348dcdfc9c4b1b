"""When in the year, and what this customer did a year ago."""

from collections.abc import Iterator

import numpy as np

from features.families.spend import MONEY
from features.feature import Feature
from features.fixed import Floats
from features.past import Past
from features.windows import weeks

_YEAR = 365.2425


def season(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """Position in the year as a point on a circle; the same period a year ago (52 weeks)."""
    yield Feature(
        "year_sine",
        "sine of the position in the year",
        "ratio",
        lambda p: np.sin(_angle(p)),
        formula="sin(2 pi t / 365.2425)",
        empty=None,
    )
    yield Feature(
        "year_cosine",
        "cosine of the position in the year",
        "ratio",
        lambda p: np.cos(_angle(p)),
        formula="cos(2 pi t / 365.2425)",
        empty=None,
    )
    yield Feature(
        "order_days_year_ago",
        "order-days in the period that began 52 weeks ago, as far as it has passed",
        "count",
        lambda p: p.count("order_day", *_year_ago(p)),
        formula="n([t - 52w, t - 52w + P))",
        empty=0,
    )
    yield Feature(
        "net_spend_year_ago",
        "net spend in the period that began 52 weeks ago, as far as it has passed",
        "money",
        lambda p: p.total("net", *_year_ago(p)),
        MONEY,
        formula="sum(net, [t - 52w, t - 52w + P))",
        empty=0,
    )


def _angle(past: Past) -> Floats:
    return 2 * np.pi * past.cutoff.astype(np.float64) / _YEAR


def _year_ago(past: Past) -> tuple[int, int]:
    """Length of the window and how long before the cut-off it ends, in days."""
    length = min(past.hold_days, weeks(52))
    return length, weeks(52) - length
