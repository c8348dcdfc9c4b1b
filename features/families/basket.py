"""What is bought: variety, novelty, repeats, concentration, size of the basket."""

from collections.abc import Iterator

from features.feature import Feature, change, ratio
from features.fixed import Floats
from features.past import Past
from features.windows import Window, and_ever, weeks


def basket(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Size of the basket, then the variety of products and of categories."""
    yield Feature(
        "lines_per_order_day",
        "order lines of an order-day, mean over the last 26 weeks",
        "mean count",
        lambda p: _mean_basket(p, 0),
        formula="mean(lines of order-days, 26w)",
    )
    yield Feature(
        "basket_change_26w",
        "order lines of an order-day in the last 26 weeks against the 26 weeks before, in [-1, 1]",
        "ratio",
        lambda p: change(_mean_basket(p, 0), _mean_basket(p, weeks(26))),
        formula="change(mean(lines of order-days, 26w), mean(lines of order-days, 26w before))",
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
        yield from _habits(item, column)


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


def _habits(item: str, column: str) -> Iterator[Feature]:
    yield Feature(
        f"{item}_change_26w",
        f"different {item} bought in the last 26 weeks against the 26 weeks before, in [-1, 1]",
        "ratio",
        lambda p: change(p.distinct(column, weeks(26)), p.distinct(column, weeks(26), ending=weeks(26))),
        frozenset({column}),
        formula=f"change(number of different {item}, 26w; the same, 26w before)",
    )
    yield Feature(
        f"repeated_{item}_share",
        f"share of the {item} ever bought that were bought on two days or more",
        "share",
        lambda p: ratio(p.repeated(column), p.distinct(column)),
        frozenset({column}),
        formula=f"(number of {item} with two days or more) / (number of different {item}, ever)",
    )
    yield Feature(
        f"last_new_{item}_share",
        f"share of the {item} of the last order-day that the customer had never bought before",
        "share",
        lambda p: ratio(p.last_novel(column), p.last_touches(column)),
        frozenset({column}),
        formula=f"({item} on d_n; never before) / ({item} on d_n)",
    )


def _mean_basket(past: Past, ending: int) -> Floats:
    return ratio(past.count("basket", weeks(26), ending), past.count("order_day", weeks(26), ending))
