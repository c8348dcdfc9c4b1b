"""How long ago: the last order and the first."""

from collections.abc import Iterator

from features.feature import Feature, ratio


def recency(_windows: tuple[int, ...]) -> Iterator[Feature]:
    """Days since the last and the first order-day, and their ratio."""
    yield Feature(
        "recency", "days since the last order-day", "days", lambda p: p.recency, formula="t - d_n", empty=None
    )
    yield Feature("tenure", "days since the first order-day", "days", lambda p: p.tenure, formula="t - d_1", empty=None)
    yield Feature(
        "active_share",
        "share of the tenure that lay behind the customer at its last order-day",
        "share",
        lambda p: ratio(p.tenure - p.recency, p.tenure),
        formula="(d_n - d_1) / (t - d_1)",
        empty=None,
    )
