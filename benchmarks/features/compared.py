"""What is compared: columns, cut-offs, and the features that every contestant makes."""

from datetime import date, timedelta

COLUMNS = ("customer_id", "order_id", "ordered_at", "product_id", "quantity", "amount", "is_return")
WINDOWS = (4, 8, 13, 26, 52)
EACH_WINDOW = (
    *("order_days", "orders", "lines", "units", "net_spend", "order_day_value", "largest_order_day"),
    *("return_lines", "returned_share", "products"),
)
EACH_CHANGE = ("order_days_change", "spend_change", "pace")
ONCE = (
    *("recency", "tenure", "active_share", "weekend_share", "lines_per_order_day", "units_per_line"),
    *("mean_gap", "gap_spread", "gap_variation", "last_gap", "last_to_mean_gap"),
    *("last_order_day_value", "last_to_mean_value", "first_lines", "first_value", "first_to_mean_value"),
)
FEATURES = (
    *(f"{name}_{tail}" for name in EACH_WINDOW for tail in (*(f"{number}w" for number in WINDOWS), "ever")),
    *(f"{name}_{number}w" for name in EACH_CHANGE for number in WINDOWS),
    *ONCE,
)
"""Names as in `docs/features.md`, where each is defined."""

LAST_MONDAY = date(2024, 12, 23)
"""The last tick with a week of orders behind it; the simulator's `steady` shop ends on 2024-12-29."""

EVERY = {1: 52, 13: 4, 52: 1}
"""Number of cut-offs in the last year, and how many weeks lie between two."""


def cutoffs(number: int) -> list[date]:
    """So many cut-offs in the last year, evenly apart, in ascending order."""
    return [LAST_MONDAY - timedelta(weeks=EVERY[number] * k) for k in reversed(range(number))]
