"""How much: net spend per window, order-day values, share of the own peak."""

from collections.abc import Iterator

from features.feature import Feature, ratio
from features.snapshots import weeks

MONEY = frozenset({"amount"})


def spend(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Net spend and order-day values in each window and over the whole history."""
    for w in (*windows, None):
        tail, days = (f"{w}w", weeks(w)) if w else ("ever", None)
        span = f"in the last {w} weeks" if w else "ever"
        yield Feature(
            f"net_spend_{tail}", f"spend less returns {span}", "money", lambda p, d=days: p.total("net", d), MONEY
        )
        yield Feature(
            f"order_day_value_{tail}",
            f"mean spend of an order-day {span}",
            "money",
            lambda p, d=days: ratio(p.total("gross", d), p.count("order_day", d)),
            MONEY,
        )
        yield Feature(
            f"largest_order_day_{tail}",
            f"largest spend of an order-day {span}",
            "money",
            lambda p, d=days: p.largest("gross", d),
            MONEY,
        )
    yield Feature(
        "last_order_day_value", "spend of the last order-day", "money", lambda p: p.at_last("gross") / 1e6, MONEY
    )
    yield Feature(
        "last_to_mean_value",
        "spend of the last order-day over the mean of all",
        "ratio",
        lambda p: ratio(p.at_last("gross") / 1e6, ratio(p.total("gross"), p.count("order_day"))),
        MONEY,
    )
    yield Feature(
        "discount_share",
        "discount over what the basket would have cost without it, last 26 weeks",
        "share",
        lambda p: ratio(
            p.total("discount", weeks(26)), p.total("discount", weeks(26)) + p.total("gross", weeks(26))
        ),
        frozenset({"amount", "discount"}),
    )
