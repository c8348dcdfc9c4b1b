"""The shop's own level: how busy it is, so that a drift of the base rate is visible."""

from collections.abc import Iterator

from features.feature import Feature, change, ratio
from features.windows import weeks


def shop_level(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """Order-days and newcomers of the whole shop; equal for all customers at a cut-off."""
    for number in (4, 13):
        yield from _within(number, weeks(number))
    yield Feature(
        "shop_newcomer_share_13w",
        "share of the known customers that came in the last 13 weeks",
        "share",
        lambda p: ratio(p.shop.newcomers_in(weeks(13)), p.shop.customers()),
        shop=True,
        formula="customers whose d_1 lies in the last 13w / customers known",
        empty=0,
    )


def _within(number: int, days: int) -> Iterator[Feature]:
    yield Feature(
        f"shop_rate_{number}w",
        f"order-days of the whole shop in the last {number} weeks over the customers known",
        "ratio",
        lambda p: ratio(p.shop.order_days_in(days), p.shop.customers()),
        shop=True,
        formula=f"n(whole shop, {number}w) / customers known",
        empty=0,
    )
    yield Feature(
        f"shop_change_{number}w",
        f"order-days of the whole shop in the last {number} weeks against the {number} weeks before",
        "ratio",
        lambda p: change(p.shop.order_days_in(days), p.shop.order_days_in(days, ending=days)),
        shop=True,
        formula=f"change(n(whole shop, {number}w), n(whole shop, {number}w before))",
    )
