"""The shop's own level: how busy it is, so that a drift of the base rate is visible."""

from collections.abc import Iterator

from features.feature import Feature, change, ratio
from features.snapshots import weeks


def shop_level(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """Order-days and newcomers of the whole shop; equal for all customers at a cut-off."""
    for w in (4, 13):
        days = weeks(w)
        yield Feature(
            f"shop_rate_{w}w",
            f"order-days of the whole shop in the last {w} weeks over the customers known",
            "ratio",
            lambda p, d=days: ratio(p.shop.order_days_in(d), p.shop.customers()),
            shop=True,
        )
        yield Feature(
            f"shop_change_{w}w",
            f"order-days of the whole shop in the last {w} weeks against the {w} weeks before",
            "ratio",
            lambda p, d=days: change(p.shop.order_days_in(d), p.shop.order_days_in(d, ending=d)),
            shop=True,
        )
    yield Feature(
        "shop_newcomer_share_13w",
        "share of the known customers that came in the last 13 weeks",
        "share",
        lambda p: ratio(p.shop.newcomers_in(weeks(13)), p.shop.customers()),
        shop=True,
    )
