"""How often: order-days, orders, lines and units per window."""

from collections.abc import Iterator

from features.feature import Feature, ratio
from features.windows import Window, and_ever

QUANTITY = frozenset({"quantity"})


def counts(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Counts in each window and over the whole history."""
    for window in and_ever(windows):
        yield from _within(window)
    yield Feature(
        "weekend_share",
        "share of the order-days that were a Saturday or Sunday",
        "share",
        lambda p: ratio(p.count("weekend"), p.count("order_day")),
        formula="n(ever; Sat or Sun) / n(ever)",
        empty=None,
    )


def _within(window: Window) -> Iterator[Feature]:
    tail, words, days = window.tail, window.words, window.days
    yield Feature(
        f"order_days_{tail}",
        f"days with an order {words}",
        "count",
        lambda p: p.count("order_day", days),
        formula=f"n({tail})",
        empty=window.empty_count,
    )
    yield Feature(
        f"orders_{tail}",
        f"different orders of each day {words}",
        "count",
        lambda p: p.count("orders", days),
        formula=f"sum(orders, {tail})",
        empty=window.empty_count,
    )
    yield Feature(
        f"lines_{tail}",
        f"order lines {words}",
        "count",
        lambda p: p.count("lines", days),
        formula=f"sum(lines, {tail})",
        empty=window.empty_count,
    )
    yield Feature(
        f"units_{tail}",
        f"units ordered {words}",
        "units",
        lambda p: p.total("units", days),
        QUANTITY,
        formula=f"sum(quantity, {tail})",
        empty=0,
    )
