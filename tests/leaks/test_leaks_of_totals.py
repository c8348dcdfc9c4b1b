"""Totals, means, ranks and encodings that are made over the whole file."""

import leak_shop
import pandas as pd
import pytest
from leak_zoo import Leak, Orders, before, by_customer, must_be_caught, must_pass

# an aggregate over all time beside windows that are right


def share_of_all_spend_ever(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    ever = by_customer(orders)["amount"].sum()
    return by_customer(before(orders, cutoff)).agg(spend=("amount", "sum")).assign(share=lambda t: t["spend"] / ever)


def share_of_spend_so_far(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return share_of_all_spend_ever(before(orders, cutoff), cutoff)


# a category is worth what its buyers spent afterwards, over the whole file


def target_encoding(orders: Orders, seen: Orders) -> pd.DataFrame:
    later = orders.assign(next=orders.groupby("customer_id")["amount"].shift(-1))
    worth = later.groupby("category")["next"].mean()
    return by_customer(seen).agg(favourite=("category", "last"))["favourite"].map(worth).to_frame("worth")


def category_worth_in_the_whole_file(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    orders = orders.sort_values(["ordered_at", "order_id"])
    return target_encoding(orders, before(orders, cutoff))


def category_worth_so_far(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    seen = before(orders, cutoff).sort_values(["ordered_at", "order_id"])
    return target_encoding(seen, seen)


# a product is dear or cheap against its usual price over all time


def dearness(seen: Orders, prices: Orders) -> pd.DataFrame:
    usual = seen["category"].map(prices.groupby("category")["price"].mean())
    return by_customer(seen.assign(dear=seen["price"] / usual))[["dear"]].mean()


def dear_against_the_price_of_all_time(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return dearness(before(orders, cutoff), orders)


def dear_against_the_price_so_far(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return dearness(before(orders, cutoff), before(orders, cutoff))


# spend is brought to mean 0 and spread 1 with the mean and spread of the whole file


def standard(orders: Orders, by: Orders) -> pd.DataFrame:
    spend = by_customer(orders)["amount"].sum()
    return ((spend - by["amount"].mean()) / by["amount"].std()).to_frame("score")


def standardised_over_the_whole_file(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return standard(before(orders, cutoff), orders)


def standardised_over_what_came_before(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return standard(before(orders, cutoff), before(orders, cutoff))


# customers are ranked once, by the spend of their whole life


def rank(orders: Orders, by: Orders) -> pd.DataFrame:
    return by_customer(by)["amount"].sum().rank().reindex(by_customer(orders).size().index).to_frame("rank")


def rank_of_a_whole_life(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return rank(before(orders, cutoff), orders)


def rank_so_far(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return rank(before(orders, cutoff), before(orders, cutoff))


# the shop's total of "today" has the day in it that is still to come


def shop_level(orders: Orders, cutoff: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    daily = orders.groupby(orders["ordered_at"].dt.normalize())["amount"].sum()
    level = daily[(daily.index > last - pd.Timedelta(weeks=4)) & (daily.index <= last)].sum()
    return by_customer(before(orders, cutoff)).agg(lines=("order_id", "size")).assign(shop=level)


def shop_total_with_the_day_itself(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return shop_level(orders, cutoff, cutoff)


def shop_total_up_to_yesterday(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return shop_level(orders, cutoff, cutoff - pd.Timedelta(days=1))


# customers get numbers in the order of a list that somebody sorted by what they are worth in the end


def numbered(orders: Orders, names: list[str]) -> pd.DataFrame:
    number = {name: k for k, name in enumerate(names)}
    seen = by_customer(orders).size().index
    return pd.DataFrame({"number": [number[name] for name in seen]}, index=seen)


def numbers_from_a_list_sorted_by_future_value(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    best_first = by_customer(orders)["amount"].sum().sort_values(ascending=False).index
    return numbered(before(orders, cutoff), list(best_first))


def numbers_by_first_order(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    first = by_customer(before(orders, cutoff))["ordered_at"].min().sort_values(kind="stable").index
    return numbered(before(orders, cutoff), list(first))


ZOO = [
    Leak(share_of_all_spend_ever, share_of_spend_so_far, "share"),
    Leak(category_worth_in_the_whole_file, category_worth_so_far, "worth", shop=True),
    Leak(dear_against_the_price_of_all_time, dear_against_the_price_so_far, "dear", shop=True),
    Leak(standardised_over_the_whole_file, standardised_over_what_came_before, "score", shop=True),
    Leak(rank_of_a_whole_life, rank_so_far, "rank", shop=True),
    Leak(shop_total_with_the_day_itself, shop_total_up_to_yesterday, "shop", shop=True),
    Leak(numbers_from_a_list_sorted_by_future_value, numbers_by_first_order, "number", shop=True),
]


@pytest.mark.parametrize("leak", ZOO, ids=str)
def test_the_leak_is_caught(leak: Leak) -> None:
    must_be_caught(leak, leak_shop.purchases())


@pytest.mark.parametrize("leak", ZOO, ids=str)
def test_its_clean_twin_passes(leak: Leak) -> None:
    must_pass(leak, leak_shop.purchases())
