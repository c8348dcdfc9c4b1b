"""How often: order-days, orders, lines and units per window."""

from collections.abc import Iterator

from features.feature import Feature, ratio
from features.snapshots import weeks


def counts(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Counts in each window and over the whole history."""
    for w in (*windows, None):
        tail, days = (f"{w}w", weeks(w)) if w else ("ever", None)
        span = f"in the last {w} weeks" if w else "ever"
        yield Feature(
            f"order_days_{tail}", f"days with an order {span}", "count", lambda p, d=days: p.count("order_day", d)
        )
        yield Feature(f"orders_{tail}", f"orders {span}", "count", lambda p, d=days: p.count("orders", d))
        yield Feature(f"lines_{tail}", f"order lines {span}", "count", lambda p, d=days: p.count("lines", d))
        yield Feature(
            f"units_{tail}",
            f"units ordered {span}",
            "units",
            lambda p, d=days: p.total("units", d),
            needs=frozenset({"quantity"}),
        )
    yield Feature(
        "weekend_share",
        "share of the order-days that were a Saturday or Sunday",
        "share",
        lambda p: ratio(p.count("weekend"), p.count("order_day")),
    )
