"""What must hold of every simulated shop, as functions that raise where it does not."""

import numpy as np
import pandas as pd

from features.stages.moves import STAGES, Stage, legal_moves
from training.simulation import Simulated
from training.simulation.truth import Truth

CENT = 0.005
WEEKS_OF_A_MOVE = (1, 4)


def truth_is_gapless(made: Simulated) -> None:
    """From the first order to the end of the log, one row after the other."""
    truth = made.truth
    same = truth["customer_id"].eq(truth["customer_id"].shift())
    assert (truth["begin"] < truth["end"]).all()
    assert (truth["begin"][same] == truth["end"].shift()[same]).all()
    end = pd.Timestamp(made.scenario.begins) + pd.Timedelta(days=made.scenario.days)
    assert (truth.groupby("customer_id")["end"].last() == end).all()
    first = made.orders.groupby("customer_id")["ordered_at"].min()
    assert truth.groupby("customer_id")["begin"].first().equals(first.rename("begin"))


def moves_are_legal(made: Simulated) -> None:
    """Everybody begins in examination, and nobody skips: not from tick to tick, not from period to period."""
    truth = Truth.of(made.truth)
    assert (truth.stage[truth.starts[:-1]] == Stage.EXAMINATION).all()
    ticks = np.arange(made.scenario.begin, made.scenario.end, 7)
    customer = np.arange(len(truth.customers))
    rows = np.stack([truth.rows_at(customer, np.full(len(customer), tick)) for tick in ticks], axis=1)
    stage = truth.stage[rows]
    known = rows >= 0
    trusted = np.maximum.accumulate(known & np.isin(stage, (Stage.FORMATIVE, Stage.STABLE)), axis=1)
    for weeks in WEEKS_OF_A_MOVE:
        now, then, both = stage[:, :-weeks], stage[:, weeks:], known[:, :-weeks]
        legal = legal_moves(now[both], trusted[:, :-weeks][both])
        assert legal[np.arange(len(legal)), then[both]].all()


def only_regression_is_without_orders(made: Simulated) -> None:
    """Rate zero is silence: a part of regression in which nothing is ordered."""
    silent = made.truth[made.truth["rate"] == 0]
    assert set(silent["stage"]) <= {STAGES[Stage.REGRESSION]}
    bought = made.orders[~made.orders["is_return"]]
    both = silent.merge(bought, on="customer_id")
    assert not ((both["begin"] < both["ordered_at"]) & (both["ordered_at"] < both["end"])).any()


def rises_happen_at_orders(made: Simulated) -> None:
    """A move upward, and a return, begins with an order."""
    truth = made.truth
    before = truth["stage"].shift().where(truth["customer_id"].eq(truth["customer_id"].shift()))
    rises = truth[(truth["stage"] != before) & (truth["stage"] != STAGES[Stage.REGRESSION])]
    bought = made.orders[~made.orders["is_return"]]
    ordered = pd.MultiIndex.from_frame(bought[["customer_id", "ordered_at"]])
    assert pd.MultiIndex.from_frame(rises[["customer_id", "begin"]]).isin(ordered).all()


def money_adds_up(made: Simulated) -> None:
    """Amount is quantity times price less discount, and returns have the opposite sign."""
    orders = made.orders
    sign = np.where(orders["is_return"], -1, 1)
    assert (np.sign(orders["quantity"]) == sign).all()
    assert orders["discount"].between(0, np.abs(orders["quantity"]) * orders["unit_price"] + CENT).all()
    told = orders["quantity"] * orders["unit_price"] - sign * orders["discount"]
    assert np.abs(told - orders["amount"]).max() < CENT


def returns_take_back_what_was_bought(made: Simulated) -> None:
    """No more of a product than was bought in that order, for no more money, and later."""
    orders = made.orders.assign(order=made.orders["order_id"].str[1:])
    kinds = {kind: orders[orders["is_return"] == kind] for kind in (False, True)}
    sums = {kind: lines.groupby(["order", "product_id"])[["quantity", "amount"]].sum() for kind, lines in kinds.items()}
    assert sums[True].index.isin(sums[False].index).all()
    bought = sums[False].loc[sums[True].index]
    assert (-sums[True]["quantity"] <= bought["quantity"]).all()
    assert (-sums[True]["amount"] <= bought["amount"] + 0.02).all()  # a part of a discount is rounded to cents
    times = {kind: lines.groupby("order")["ordered_at"].first() for kind, lines in kinds.items()}
    assert (times[True] > times[False].loc[times[True].index]).all()
    assert (kinds[True]["order_id"].str[0] == "r").all()


def lines_are_in_order(made: Simulated) -> None:
    """By customer, then time; within the log; an order is of one customer and one moment."""
    orders = made.orders
    assert orders[["customer_id", "ordered_at"]].equals(
        orders[["customer_id", "ordered_at"]].sort_values(["customer_id", "ordered_at"], kind="stable")
    )
    begin = pd.Timestamp(made.scenario.begins)
    assert orders["ordered_at"].between(begin, begin + pd.Timedelta(days=made.scenario.days), inclusive="left").all()
    assert (orders.groupby("order_id")[["customer_id", "ordered_at"]].nunique() == 1).all(axis=None)


LAWS = (
    truth_is_gapless,
    moves_are_legal,
    only_regression_is_without_orders,
    rises_happen_at_orders,
    money_adds_up,
    returns_take_back_what_was_bought,
    lines_are_in_order,
)
