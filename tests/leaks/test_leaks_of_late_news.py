"""What happened is not what was known: refunds dated back, late records, attributes and totals of another day."""

import leak_shop
import pandas as pd
import pytest
from leak_zoo import Leak, Orders, before, by_customer, must_be_caught, must_pass

from features.errors import UsageError
from features.laws import assert_point_in_time

Tables = dict[str, pd.DataFrame]


# a refund is booked on the day of the purchase it takes back, weeks before anybody knew of it


def net_spend_with_refunds_dated_back(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return by_customer(before(orders, cutoff)).agg(net=("amount", "sum"))


def net_spend_as_known(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return net_spend_with_refunds_dated_back(orders[orders["known_at"] < cutoff], cutoff)


# a rating belongs to a visit before the cut-off, but was handed in after it


def stars_of_past_visits(orders: Orders, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    stars = tables["ratings"][tables["ratings"]["happened_at"] < cutoff]
    return by_customer(before(orders, cutoff)).size().to_frame("n").join(by_customer(stars)["stars"].mean())


def stars_handed_in(orders: Orders, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    ratings = tables["ratings"]
    return stars_of_past_visits(orders, cutoff, {"ratings": ratings[ratings["known_at"] < cutoff]})


# the profile that is joined is the one of today


def income_of_today(orders: Orders, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    newest = tables["profile"].sort_values(["known_at", "income"]).groupby("customer_id")["income"].last()
    return by_customer(before(orders, cutoff)).size().to_frame("n").join(newest)


def income_of_then(orders: Orders, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    profile = tables["profile"]
    return income_of_today(orders, cutoff, {"profile": profile[profile["known_at"] < cutoff]})


# a customer's total comes from a table that was made later, and does not say when


def totals(orders: Orders, days: pd.DatetimeIndex) -> pd.DataFrame:
    made = {day: by_customer(before(orders, day))["amount"].sum() for day in days}
    return pd.concat(made, names=["known_at"]).rename("total").reset_index()


def total_joined_later(orders: Orders, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    newest = tables["totals"].groupby("customer_id")[["total"]].last()
    return by_customer(before(orders, cutoff)).size().to_frame("n").join(newest)


def total_of_the_last_run_before(orders: Orders, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    runs = tables["totals"]
    known = runs[runs["known_at"] < cutoff].sort_values(["known_at", "total"])
    return total_joined_later(orders, cutoff, {"totals": known})


RUNS = totals(leak_shop.purchases(), pd.date_range("2020-06-01", "2021-12-01", freq="MS"))
REFUNDS = Leak(net_spend_with_refunds_dated_back, net_spend_as_known, "net")
LATE = [
    (Leak(stars_of_past_visits, stars_handed_in, "stars"), {"ratings": leak_shop.ratings()}),
    (Leak(income_of_today, income_of_then, "income"), {"profile": leak_shop.profile()}),
    (Leak(total_joined_later, total_of_the_last_run_before, "total"), {"totals": RUNS}),
]


def test_refunds_dated_back_are_caught() -> None:
    must_be_caught(REFUNDS, leak_shop.orders())


def test_refunds_as_known_pass() -> None:
    must_pass(REFUNDS, leak_shop.orders())


@pytest.mark.parametrize(("leak", "tables"), LATE, ids=["stars", "income", "total"])
def test_the_leak_is_caught(leak: Leak, tables: Tables) -> None:
    must_be_caught(leak, leak_shop.purchases(), tables)


@pytest.mark.parametrize(("leak", "tables"), LATE, ids=["stars", "income", "total"])
def test_its_clean_twin_passes(leak: Leak, tables: Tables) -> None:
    must_pass(leak, leak_shop.purchases(), tables)


@pytest.mark.parametrize("name", ["totals", "profile"])
def test_a_table_that_does_not_say_when_it_was_known_is_refused(name: str) -> None:
    undated = {"totals": RUNS, "profile": leak_shop.profile()}[name].drop(columns="known_at")
    with pytest.raises(UsageError, match=f"'{name}' cannot be cut"):
        assert_point_in_time(total_joined_later, leak_shop.purchases(), tables={name: undated})
