"""Shuffled lives keep all that a customer has, but its order."""

import numpy as np
import pandas as pd
import pytest

from features.history import History
from training.validity.amounts import Amounts
from training.validity.shuffled import pooled, shuffled


def lives(history: History, end: int | None = None) -> dict[int, pd.DataFrame]:
    """Order-days of each customer, before the end."""
    rows = (history.columns["order_day"] > 0) & (history.day < (end or 10**6))
    table = pd.DataFrame({"customer": history.customer, "day": history.day.astype(int)})
    columns = {name: history.columns[name] for name in ("net", "value", "log_gap")}
    return dict(iter(table.assign(**columns)[rows].groupby("customer")))


def test_gaps_money_and_both_ends_stay(history: History) -> None:
    made = shuffled(history, history.last_day + 1, np.random.default_rng(0))
    before, after = lives(history), lives(made)
    assert before.keys() == after.keys()
    moved = 0
    for customer, old in before.items():
        new = after[customer]
        assert (new["day"].iloc[0], new["day"].iloc[-1]) == (old["day"].iloc[0], old["day"].iloc[-1])
        assert sorted(np.diff(new["day"])) == sorted(np.diff(old["day"]))
        assert sorted(new["log_gap"]) == sorted(old["log_gap"])
        assert sorted(new["value"]) == sorted(old["value"])
        moved += new["value"].tolist() != old["value"].tolist() and new["day"].tolist() != old["day"].tolist()
    assert moved > 100
    assert made.columns["net"].sum() == pytest.approx(_from_first_order(history))


def _from_first_order(history: History) -> int:
    """Net money from each customer's first order-day on; returns of orders before the log belong to none."""
    later = history.day >= history.first_order_day[history.customer]
    return int(history.columns["net"][later].sum())


def test_nothing_at_or_after_the_end_is_used(history: History) -> None:
    end = history.last_day - 60
    made = shuffled(history, end, np.random.default_rng(0))
    assert made.day.max() < end
    kept = lives(history, end)
    assert {code: len(life) for code, life in lives(made).items()} == {code: len(life) for code, life in kept.items()}


def test_it_is_a_history_like_any_other(history: History) -> None:
    made = shuffled(history, history.last_day + 1, np.random.default_rng(0))
    assert (np.diff(made.customer) >= 0).all()
    same = made.customer[1:] == made.customer[:-1]
    assert (np.diff(made.day)[same] > 0).all()
    assert made.starts.tolist() == np.searchsorted(made.customer, np.arange(len(made.customers) + 1)).tolist()
    assert (made.first_order_day == history.first_order_day).all()


def test_all_orders_of_lives_are_equally_likely() -> None:
    rows = [("a", f"2020-01-{day:02}", money) for day, money in [(1, 1.0), (2, 2.0), (5, 3.0)]]
    orders = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    orders = orders.assign(ordered_at=pd.to_datetime(orders["ordered_at"]), is_return=False)
    history, generator = History.of(orders), np.random.default_rng(1)
    made = [shuffled(history, 10**5, generator) for _ in range(600)]
    money = pd.Series([tuple(each.columns["value"] // 10**6) for each in made]).value_counts()
    middle = pd.Series([int(each.day[1]) - history.first_day for each in made]).value_counts()
    assert len(money) == 6
    assert money.min() > 70
    assert set(middle.index) == {1, 3}
    assert middle.min() > 240


def test_pooled_amounts_are_all_of_them() -> None:
    one = Amounts(np.array([0, 1]), np.array([0, 0]), np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    assert pooled([one, one.with_top(np.array([3.0, 6.0]))]).rate("examination") == pytest.approx(3.0)
