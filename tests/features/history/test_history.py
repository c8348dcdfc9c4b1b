import functools
import itertools
import operator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from histories import order_sets
from hypothesis import given, settings
from hypothesis import strategies as st
from odd_lines import ODD, loosened, some_lines

from features.errors import DataError
from features.history import History
from features.history.measures import FOLLOWS
from features.history.paid import usual_prices
from features.orders.log import OrderLog

DAY = int(np.datetime64("2020-03-02").astype(int))


def table(*rows: tuple, columns: tuple[str, ...] = ("customer_id", "ordered_at", "amount")) -> pd.DataFrame:
    orders = pd.DataFrame(rows, columns=columns)
    orders["ordered_at"] = pd.to_datetime(orders["ordered_at"], format="ISO8601")
    return orders.assign(is_return=orders["amount"] < 0 if "amount" in orders else False)


def test_lines_become_one_row_a_customer_and_day() -> None:
    history = History.of(
        table(("b", "2020-03-02 23:59", 1.0), ("a", "2020-03-03 00:00", 2.0), ("b", "2020-03-02 00:00", 4.0))
    )
    assert history.customers.tolist() == ["a", "b"]
    assert history.starts.tolist() == [0, 1, 2]
    assert history.day.tolist() == [DAY + 1, DAY]
    assert history.columns["net"].tolist() == [2_000_000, 5_000_000]
    assert history.columns["orders"].tolist() == [1, 2]
    assert (history.first_day, history.last_day) == (DAY, DAY + 1)


@given(order_sets(most=15), st.integers(-30, 900))
@settings(max_examples=25)
def test_before_is_the_only_door_and_it_is_half_open(orders: pd.DataFrame, shift: int) -> None:
    history = History.of(orders)
    day = history.first_day + shift
    ends = history.before(np.arange(len(history.customers)), day)
    for code, (first, last) in enumerate(itertools.pairwise(history.starts)):
        assert first <= ends[code] <= last
        assert (history.day[first : ends[code]] < day).all()
        assert (history.day[ends[code] : last] >= day).all()


@pytest.mark.parametrize("day", [-(10**9), 10**9])
def test_before_holds_for_days_far_away(day: int) -> None:
    history = History.of(table(("a", "2020-03-02", 1.0), ("b", "2020-03-02", 1.0)))
    assert history.before(np.array([0, 1]), day).tolist() == ([0, 1] if day < 0 else [1, 2])


@given(order_sets(most=15))
@settings(max_examples=15)
def test_totals_are_sums_over_rows(orders: pd.DataFrame) -> None:
    history = History.of(orders)
    for measure in [*history.columns, *(name for name in FOLLOWS if name in history.columns)]:
        assert history.totals(measure).tolist() == [0, *itertools.accumulate(history.columns[measure].tolist())]


def test_a_purchase_taken_back_on_the_same_day_is_no_order_day() -> None:
    history = History.of(
        table(
            ("a", "2020-03-02 09:00", 50.0),
            ("a", "2020-03-02 09:12", -50.0),  # cancelled minutes later
            ("b", "2020-03-02", 50.0),
            ("b", "2020-03-02", -20.0),  # a part of it came back
            ("c", "2020-03-02", 0.0),  # a gift
            ("d", "2020-03-02", -5.0),  # a return of something bought before the log begins
            ("e", "2020-03-02", 50.0),
            ("e", "2020-03-03", -50.0),  # taken back a day later: it was an order-day for a day
        )
    )
    assert history.columns["order_day"].tolist() == [0, 1, 1, 0, 1, 0]
    assert history.columns["value"].tolist() == [0, 50_000_000, 0, 0, 50_000_000, 0]
    assert history.customers[history.known(DAY + 1)].tolist() == ["b", "c", "e"]
    assert history.known(DAY).tolist() == []


def test_without_money_a_return_takes_nothing_back() -> None:
    orders = table(("a", "2020-03-02"), ("a", "2020-03-02"), columns=("customer_id", "ordered_at"))
    history = History.of(orders.assign(is_return=[False, True]))
    assert history.columns["order_day"].tolist() == [1]
    assert history.level_measure(20_000_000) == "order_day_units"
    assert history.has == frozenset()


def test_an_order_is_an_id_or_else_a_time() -> None:
    orders = table(
        ("a", "2020-03-02 09:00", 1.0, "x"),
        ("a", "2020-03-02 10:00", 1.0, "x"),
        ("a", "2020-03-02 09:00", 1.0, "y"),
        ("a", "2020-03-02 09:00", 1.0, None),
        ("a", "2020-03-02 09:00", 1.0, None),
        ("a", "2020-03-02 11:00", 1.0, None),
        ("a", "2020-03-02 11:00", -1.0, "z"),
        columns=("customer_id", "ordered_at", "amount", "order_id"),
    )
    assert History.of(orders).columns["orders"].tolist() == [4]
    assert History.of(orders.drop(columns="order_id")).columns["orders"].tolist() == [3]


@pytest.mark.parametrize("seed", range(3))
def test_orders_are_counted_by_their_words_whatever_codes_they_have(seed: int) -> None:
    lines = some_lines(ODD, seed=seed).assign(is_return=False)
    lines["ordered_at"] = lines["ordered_at"].dt.floor("8D")
    log = OrderLog.of(lines)
    one, other = History.of(log), History.of(loosened(log))
    days = lines.groupby(["customer_id", "ordered_at"])["order_id"]
    assert other.columns["orders"].tolist() == days.nunique(dropna=False).tolist(), "lines without one have one time"
    assert all((one.columns[name] == other.columns[name]).all() for name in one.columns)


def test_a_column_that_holds_nothing_counts_as_absent() -> None:
    orders = table(("a", "2020-03-02", np.nan)).assign(product_id=None, quantity=[2.0])
    history = History.of(orders)
    assert history.has == {"quantity"}
    with pytest.raises(DataError, match="nothing to make 'gross' from") as error:
        history.totals("gross")
    assert "quantity" in str(error.value)


def test_gaps_run_from_order_day_to_order_day() -> None:
    history = History.of(
        table(("a", "2020-03-02", 1.0), ("a", "2020-03-05", -1.0), ("a", "2020-03-09", 2.0), ("b", "2020-03-10", 2.0))
    )
    assert history.columns["gap"].tolist() == [0, 0, 7, 0]
    assert history.columns["gap_squared"].tolist() == [0, 0, 49, 0]
    assert history.columns["log_gap"][2] == round(np.log(7) * 1e12)


def test_ids_are_kept_letter_for_letter() -> None:
    names = ["A", "a", "007", "7", " 7", "ä", "é", "客户"]
    history = History.of(table(*((name, "2020-03-02", 1.0) for name in names)))
    assert history.customers.tolist() == sorted(names)


def test_no_orders_are_refused() -> None:
    with pytest.raises(DataError, match="there are no orders"):
        History.of(table(columns=("customer_id", "ordered_at", "amount")).astype({"amount": float}))


@given(order_sets(), st.integers(0, 2**8 - 1))
@settings(max_examples=40)
def test_the_history_of_some_is_that_of_their_orders(orders: pd.DataFrame, chosen: int) -> None:
    whole = History.of(orders)
    codes = np.array([code for code in range(len(whole.customers)) if chosen >> code & 1], dtype=np.int64)
    theirs = orders[orders["customer_id"].isin(whole.customers[codes])]
    part = whole.only(codes[::-1])
    assert part.customers.tolist() == whole.customers[codes].tolist()
    if len(theirs):
        alone = History.of(theirs)
        for name in ("starts", "customer", "day"):
            np.testing.assert_array_equal(getattr(part, name), getattr(alone, name))
        for name in ("order_day", "lines", "log_gap"):
            np.testing.assert_array_equal(part.columns[name], alone.columns[name])
        np.testing.assert_array_equal(part.known(10**6), alone.known(10**6))


@given(order_sets(), st.integers(0, 8), st.integers(0, 8))
@settings(max_examples=40)
def test_a_part_is_the_history_of_its_customers(orders: pd.DataFrame, one: int, other: int) -> None:
    whole = History.of(orders)
    begin, end = sorted(min(place, len(whole.customers)) for place in (one, other))
    part, names = whole.part(begin, end), whole.customers[begin:end]
    assert part.shop_days is whole.shop_days
    if begin < end:
        log = OrderLog.of(orders[orders["customer_id"].isin(names)])
        usual = usual_prices(OrderLog.of(orders))
        alone = History.of(log, since=whole.since, usual=usual, shop=lambda: whole.shop_days)
        same_history(part, alone)
        for kind, items in alone.items.items():
            np.testing.assert_array_equal(part.items[kind].starts, items.starts)
            np.testing.assert_array_equal(np.maximum(part.items[kind].previous, -1), items.previous)
            np.testing.assert_array_equal(part.items[kind].earlier, items.earlier)
    else:
        assert len(part.day) == 0


def same_history(one: History, two: History) -> None:
    for name in ("starts", "customer", "day"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert one.customers.tolist() == two.customers.tolist()
    assert list(one.columns) == list(two.columns)
    for name, column in one.columns.items():
        np.testing.assert_array_equal(column, two.columns[name], err_msg=name)
    for name in ("day", "order_days", "newcomers"):
        np.testing.assert_array_equal(getattr(one.shop_days, name), getattr(two.shop_days, name))
    assert one.since == two.since


@given(order_sets(), st.integers(0, 2**8 - 1))
@settings(max_examples=40)
def test_a_part_of_a_log_has_the_history_it_has_in_the_whole(orders: pd.DataFrame, chosen: int) -> None:
    whole, log = History.of(orders), OrderLog.of(orders)
    codes = np.array([code for code in range(len(whole.customers)) if chosen >> code & 1], dtype=np.int64)
    inside = orders["customer_id"].isin(whole.customers[codes]).to_numpy()
    parts = [log.rows(mask) for mask in (inside, ~inside) if mask.any()]
    usual = functools.reduce(operator.add, [usual_prices(part) for part in parts])
    shop = functools.reduce(operator.add, [History.of(part).shop_days for part in parts])
    for part in parts:
        history = History.of(part, since=whole.since, usual=usual, shop=lambda: shop)
        kept = np.flatnonzero(np.isin(whole.customers, history.customers))
        same_history(replace(whole, shop=lambda: whole.shop_days).only(kept), history)


def test_a_column_is_there_from_the_day_of_its_first_value_on() -> None:
    history = History.of(
        table(
            ("b", "2020-03-09", 1.0, None),
            ("a", "2020-03-05 23:00", 2.0, "x"),
            ("a", "2020-03-02", np.nan, "x"),
            columns=("customer_id", "ordered_at", "amount", "order_id"),
        )
    )
    assert history.since == {"order_id": DAY, "amount": DAY + 3}
    assert history.has == {"order_id", "amount"}
