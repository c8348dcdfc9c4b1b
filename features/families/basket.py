"""What is bought: variety, novelty, repeats, concentration, size of the basket."""

from collections.abc import Iterator

from features.feature import Feature, ratio
from features.snapshots import weeks


def basket(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Size of the basket, then the variety of products and of categories."""
    yield Feature(
        "lines_per_order_day",
        "order lines of an order-day, mean over the last 26 weeks",
        "count",
        lambda p: ratio(p.count("lines", weeks(26)), p.count("order_day", weeks(26))),
    )
    yield Feature(
        "units_per_line",
        "units of an order line, mean over the last 26 weeks",
        "units",
        lambda p: ratio(p.total("units", weeks(26)), p.count("lines", weeks(26))),
        frozenset({"quantity"}),
    )
    for item, column in (("products", "product_id"), ("categories", "category")):
        yield from _variety(item, column, windows)


def _variety(item: str, column: str, windows: tuple[int, ...]) -> Iterator[Feature]:
    needs = frozenset({column})
    for w in (*windows, None):
        tail, days = (f"{w}w", weeks(w)) if w else ("ever", None)
        span = f"in the last {w} weeks" if w else "ever"
        yield Feature(
            f"{item}_{tail}", f"different {item} bought {span}", "count", lambda p, d=days: p.distinct(column, d), needs
        )
    for w in windows:
        yield Feature(
            f"new_{item}_share_{w}w",
            f"share of the {item} bought in the last {w} weeks, counted once a day, that were the customer's first",
            "share",
            lambda p, d=weeks(w): ratio(p.novel(column, d), p.touches(column, d)),
            needs,
        )
    yield Feature(
        f"{item}_concentration",
        f"Herfindahl index of the days on which {item} were bought; 1 is always the same",
        "share",
        lambda p: ratio(p.squares(column), p.touches(column) ** 2),
        needs,
    )
