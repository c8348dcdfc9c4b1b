"""Windows, fillings and populations that reach past the cut-off."""

import leak_shop
import pandas as pd
import pytest
from leak_zoo import Leak, Orders, before, by_customer, must_be_caught, must_pass

# a window closed on the right takes in the first instant of the label's window


def window(orders: Orders, cutoff: pd.Timestamp, closed: str) -> pd.DataFrame:
    inside = orders["ordered_at"].between(cutoff - pd.Timedelta(weeks=8), cutoff, inclusive=closed)
    return by_customer(orders[inside]).agg(lines=("order_id", "size"))


def window_closed_on_the_right(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return window(orders, cutoff, "both")


def window_open_on_the_right(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return window(orders, cutoff, "left")


# gaps in a monthly series are filled from behind


def latest_month(orders: Orders, cutoff: pd.Timestamp, fill: str) -> pd.DataFrame:
    month = orders["ordered_at"].dt.to_period("M")
    wide = orders.assign(month=month).pivot_table(index="month", columns="customer_id", values="price", aggfunc="mean")
    wide = wide.reindex(pd.period_range(month.min(), max(month.max(), cutoff.to_period("M")), freq="M"))
    filled = getattr(wide, fill)().loc[cutoff.to_period("M") - 1]
    return filled.rename("price").to_frame().loc[by_customer(before(orders, cutoff)).size().index]


def months_filled_backwards(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return latest_month(orders, cutoff, "bfill")


def months_filled_forwards(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return latest_month(before(orders, cutoff), cutoff, "ffill")


# recency is counted back from the last line of the file


def recency_from_the_end_of_the_file(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    last = by_customer(before(orders, cutoff))["ordered_at"].max()
    return (orders["ordered_at"].max() - last).dt.days.to_frame("recency")


def recency_from_the_cutoff(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    last = by_customer(before(orders, cutoff))["ordered_at"].max()
    return (cutoff - last).dt.days.to_frame("recency")


# only those who are seen again are in the table: who is gone for good is left out


def only_those_who_come_back(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    back = orders.loc[orders["ordered_at"] >= cutoff, "customer_id"]
    return by_customer(before(orders, cutoff)[lambda seen: seen["customer_id"].isin(back)]).agg(n=("order_id", "size"))


def everybody_known(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return by_customer(before(orders, cutoff)).agg(n=("order_id", "size"))


# a rolling mean that looks both ways


def last_smoothed(seen: Orders, smooth: pd.Series) -> pd.DataFrame:
    return by_customer(seen.assign(smooth=smooth.loc[seen.index]))[["smooth"]].last()


def rolling(orders: Orders, centre: bool) -> pd.Series:
    of_each = by_customer(orders)["amount"].rolling(3, center=centre, min_periods=1).mean()
    return of_each.droplevel("customer_id")


def a_rolling_mean_in_the_middle(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    orders = orders.sort_values(["ordered_at", "order_id"], ignore_index=True)
    return last_smoothed(before(orders, cutoff), rolling(orders, centre=True))


def a_rolling_mean_at_the_end(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    orders = orders.sort_values(["ordered_at", "order_id"], ignore_index=True)
    return last_smoothed(before(orders, cutoff), rolling(orders, centre=False))


# in SQL, a window function that runs before the rows are cut

LINES_EVER_IN_SQL = """
SELECT DISTINCT customer_id, lines
FROM (SELECT *, COUNT(*) OVER (PARTITION BY customer_id) AS lines FROM orders) AS counted
WHERE ordered_at < $cutoff
"""
LINES_IN_SQL = "SELECT customer_id, COUNT(*) AS lines FROM orders WHERE ordered_at < $cutoff GROUP BY customer_id"

ZOO = [
    Leak(window_closed_on_the_right, window_open_on_the_right, "lines|rows"),
    Leak(months_filled_backwards, months_filled_forwards, "price"),
    Leak(recency_from_the_end_of_the_file, recency_from_the_cutoff, "recency"),
    Leak(only_those_who_come_back, everybody_known, "rows"),
    Leak(a_rolling_mean_in_the_middle, a_rolling_mean_at_the_end, "smooth"),
    Leak(LINES_EVER_IN_SQL, LINES_IN_SQL, "lines"),
]


@pytest.mark.parametrize("leak", ZOO, ids=str)
def test_the_leak_is_caught(leak: Leak) -> None:
    must_be_caught(leak, leak_shop.purchases())


@pytest.mark.parametrize("leak", ZOO, ids=str)
def test_its_clean_twin_passes(leak: Leak) -> None:
    must_pass(leak, leak_shop.purchases())
