"""What is bought: variety, novelty, repeats, concentration, size of the basket."""

from collections.abc import Iterator

from features.feature import Feature, ratio
from features.windows import Window, and_ever, weeks


def basket(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Size of the basket, then the variety of products and of categories."""
    yield Feature(
        "lines_per_order_day",
        "order lines of an order-day, mean over the last 26 weeks",
        "mean count",
        lambda p: ratio(p.count("basket", weeks(26)), p.count("order_day", weeks(26))),
        formula="sum(lines of order-days, 26w) / n(26w)",
    )
    yield Feature(
        "units_per_line",
        "units of an order line, mean over the last 26 weeks",
        "units",
        lambda p: ratio(p.total("units", weeks(26)), p.count("lines", weeks(26))),
        frozenset({"quantity"}),
        formula="sum(quantity, 26w) / sum(lines, 26w)",
    )
    for item, column in (("products", "product_id"), ("categories", "category")):
        for window in and_ever(windows):
            yield _variety(item, column, window)
        for number in windows:
            yield _novelty(item, column, number)
        yield _concentration(item, column)


def _variety(item: str, column: str, window: Window) -> Feature:
    return Feature(
        f"{item}_{window.tail}",
        f"different {item} bought {window.words}",
        "count",
        lambda p: p.distinct(column, window.days),
        frozenset({column}),
        formula=f"number of different {item}, {window.tail}",
        empty=0,
    )


def _novelty(item: str, column: str, number: int) -> Feature:
    return Feature(
        f"new_{item}_share_{number}w",
        f"share of the {item} bought in the last {number} weeks, counted once a day, that were the customer's first",
        "share",
        lambda p: ratio(p.novel(column, weeks(number)), p.touches(column, weeks(number))),
        frozenset({column}),
        formula=f"(days x {item}, {number}w; never before) / (days x {item}, {number}w)",
    )


def _concentration(item: str, column: str) -> Feature:
    return Feature(
        f"{item}_concentration",
        f"Herfindahl index of the days on which {item} were bought; 1 is always the same",
        "share",
        lambda p: ratio(p.squares(column), p.touches(column) ** 2),
        frozenset({column}),
        formula=f"sum over {item} of (share of days x {item}, ever)^2",
    )
