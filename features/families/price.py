"""Willingness to pay: unit prices, against earlier ones and against the product's usual."""

from collections.abc import Iterator

from features.feature import Feature, change, ratio
from features.fixed import Floats
from features.past import Past
from features.windows import weeks

PRICE = frozenset({"unit_price"})
PRODUCT_PRICE = frozenset({"unit_price", "product_id"})


def price(windows: tuple[int, ...]) -> Iterator[Feature]:
    """Mean unit price and price level in each window; the usual price is what all paid on earlier days."""
    for number in windows:
        yield from _within(number, weeks(number))
    yield Feature(
        "unit_price_change_26w",
        "mean unit price in the last 26 weeks against the 26 weeks before, in [-1, 1]",
        "ratio",
        lambda p: change(_mean_price(p, weeks(26)), _mean_price(p, weeks(26), ending=weeks(26))),
        PRICE,
        formula="change(mean(price, 26w), mean(price, 26w before))",
    )


def _within(number: int, days: int) -> Iterator[Feature]:
    words = f"in the last {number} weeks"
    yield Feature(
        f"unit_price_{number}w",
        f"mean unit price of a line that has one {words}",
        "money",
        lambda p: _mean_price(p, days),
        PRICE,
        formula=f"mean(price, {number}w)",
    )
    yield Feature(
        f"shop_relative_price_{number}w",
        f"mean log of unit price over the product's usual {words}",
        "log ratio",
        lambda p: ratio(p.total("relative_price", days), p.count("comparable_lines", days)),
        PRODUCT_PRICE,
        shop=True,
        formula=f"mean(log(price / usual price), {number}w)",
    )
    yield Feature(
        f"shop_cheap_share_{number}w",
        f"share of lines bought 10 % or more below the product's usual price {words}",
        "share",
        lambda p: ratio(p.count("cheap_lines", days), p.count("comparable_lines", days)),
        PRODUCT_PRICE,
        shop=True,
        formula=f"mean(price <= 0.9 usual price, {number}w)",
    )


def _mean_price(past: Past, days: int, ending: int = 0) -> Floats:
    return ratio(past.total("price", days, ending), past.count("priced_lines", days, ending))
