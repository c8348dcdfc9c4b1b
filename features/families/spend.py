"""How much: net spend per window, order-day values and their spread, discount."""

from collections.abc import Iterator

from features.feature import Feature, ratio
from features.fixed import UNIT, Floats
from features.past import Past
from features.past.rows import day_of_most, spread
from features.windows import Window, and_ever

MONEY = frozenset({"amount"})


def spend(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Net spend and order-day values in each window and over the whole history."""
    for window in and_ever(windows):
        yield from _within(window)
    yield Feature(
        "last_order_day_value",
        "spend of the last order-day",
        "money",
        _last_value,
        MONEY,
        formula="v_n",
        empty=None,
    )
    yield Feature(
        "last_to_mean_value",
        "spend of the last order-day over the mean of all",
        "ratio",
        lambda p: ratio(_last_value(p), mean_value(p)),
        MONEY,
        formula="v_n / mean(v, ever)",
    )
    yield Feature(
        "days_since_largest_order_day",
        "days since the latest order-day on which the spend was at its largest",
        "days",
        lambda p: p.cutoff - p.walk(day_of_most, "order_day", "value"),
        MONEY,
        formula="t - (latest d_i with v_i = max(v, ever))",
        empty=None,
    )
    for window in and_ever(windows):
        yield _discount(window)


def _discount(window: Window) -> Feature:
    days = window.days
    return Feature(
        f"discount_share_{window.tail}",
        f"discount over what the basket would have cost without it, {window.words}",
        "share",
        lambda p: ratio(p.total("discount", days), p.total("discount", days) + p.total("gross", days)),
        frozenset({"amount", "discount"}),
        formula=f"sum(discount, {window.tail}) / sum(discount + spend, {window.tail})",
    )


def _within(window: Window) -> Iterator[Feature]:
    tail, words, days = window.tail, window.words, window.days
    yield Feature(
        f"net_spend_{tail}",
        f"spend less returns {words}",
        "money",
        lambda p: p.total("net", days),
        MONEY,
        formula=f"sum(net, {tail})",
        empty=0,
    )
    yield Feature(
        f"order_day_value_{tail}",
        f"mean spend of an order-day {words}",
        "money",
        lambda p: mean_value(p, days),
        MONEY,
        formula=f"mean(v, {tail})",
        empty=window.empty_mean,
    )
    yield Feature(
        f"largest_order_day_{tail}",
        f"largest spend of an order-day {words}",
        "money",
        lambda p: p.largest("value", days),
        MONEY,
        formula=f"max(v, {tail})",
        empty=window.empty_mean,
    )
    yield Feature(
        f"order_day_value_spread_{tail}",
        f"standard deviation of the spend of order-days {words}",
        "money",
        lambda p: p.walk(spread, "order_day", "value", days=days) / UNIT,
        MONEY,
        formula=f"sd(v, {tail})",
    )


def mean_value(past: Past, days: int | None = None, ending: int = 0) -> Floats:
    """Mean spend of an order-day in a window; NaN where it holds none."""
    return ratio(past.total("value", days, ending), past.count("order_day", days, ending))


def _last_value(past: Past) -> Floats:
    return past.at_last("value") / UNIT
