"""How it began: the first order-day."""

from collections.abc import Iterator

import numpy as np

from features.families.spend import MONEY, mean_value
from features.feature import Feature, ratio
from features.fixed import UNIT, Floats
from features.past import Past
from features.windows import weeks


def first_order(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """The first order-day, and how quickly others followed."""
    yield Feature(
        "first_lines",
        "order lines of the first order-day",
        "count",
        lambda p: p.at_first("lines"),
        formula="lines on d_1",
        empty=None,
    )
    yield Feature(
        "first_value",
        "spend of the first order-day",
        "money",
        _first_value,
        MONEY,
        formula="v_1",
        empty=None,
    )
    yield Feature(
        "first_to_mean_value",
        "spend of the first order-day over the mean of all",
        "ratio",
        lambda p: ratio(_first_value(p), mean_value(p)),
        MONEY,
        formula="v_1 / mean(v, ever)",
    )
    yield Feature(
        "order_days_first_4w",
        "order-days in the first 4 weeks, as far as they have passed",
        "count",
        lambda p: p.order_days_in_first(weeks(4)),
        formula="n([d_1, d_1 + 4w))",
        empty=None,
    )
    yield Feature(
        "first_day_of_year_sine",
        "sine of the first order-day's position in the year",
        "ratio",
        lambda p: np.sin(2 * np.pi * p.first_order_day / 365.2425),
        formula="sin(2 pi d_1 / 365.2425)",
        empty=None,
    )


def _first_value(past: Past) -> Floats:
    return past.at_first("value") / UNIT
