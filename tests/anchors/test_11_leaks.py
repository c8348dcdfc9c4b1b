"""11. What comes at or after the cut-off changes nothing that is said of it; a label sees its own period alone."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from leak_shop import purchases

import stagecast
from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.orders import OrderLog
from features.past import Snapshots
from features.stages.fit import fit_spec
from training.labels import label

CUTOFF = "2021-03-01"
PERIOD = 28
Compute = Callable[[pd.DataFrame], pd.DataFrame]

later = st.lists(
    st.tuples(st.integers(0, 300 * 24 * 60), st.integers(0, 19), st.floats(-1e4, 1e4, width=32)),
    min_size=1,
    max_size=30,
)
"""Minutes after the cut-off, a customer (some are new), money."""


def appended(orders: pd.DataFrame, lines: list[tuple[int, int, float]]) -> pd.DataFrame:
    minutes, who, money = zip(*lines, strict=True)
    more = pd.DataFrame(
        {
            "customer_id": [f"c{k:02}" for k in who],
            "order_id": [f"later{k}" for k in range(len(lines))],
            "ordered_at": pd.Timestamp(CUTOFF) + pd.to_timedelta(minutes, unit="min"),
            "category": "tea",
            "amount": np.asarray(money, float),
            "price": 1.0,
        }
    )
    return pd.concat([orders, more], ignore_index=True)


def features(orders: pd.DataFrame) -> pd.DataFrame:
    return stagecast.features(orders, [CUTOFF])


def promise(compute: Compute, lines: list[tuple[int, int, float]]) -> None:
    orders = purchases()
    before = orders[orders["ordered_at"] < CUTOFF]
    usual, other = compute(before), compute(appended(orders, lines))
    pd.testing.assert_frame_equal(other, usual, check_exact=True)


@settings(max_examples=5)
@given(later)
def test_features_see_no_future(lines: list[tuple[int, int, float]]) -> None:
    promise(features, lines)


@pytest.mark.parametrize(
    "leaky",
    [
        lambda orders: orders[orders["ordered_at"] <= CUTOFF].groupby("customer_id")[["amount"]].sum(),
        lambda orders: orders.groupby("customer_id")[["ordered_at"]].min(),
        lambda orders: orders.loc[orders["ordered_at"] < CUTOFF, ["amount"]] / orders["amount"].mean(),
    ],
    ids=["the cut-off itself", "customers not known yet", "the mean of all times"],
)
def test_a_leak_is_noticed(leaky: Compute) -> None:
    with pytest.raises(AssertionError):
        promise(leaky, [(0, 0, 5.0), (10, 19, 7.0)])


def labels(orders: pd.DataFrame, until: str = "2022-03-07") -> pd.DataFrame:
    """What came of each customer known at the cut-off, by the orders before `until`."""
    clock = Clock()
    day, end = clock.tick(CUTOFF), clock.tick(until)
    history = History.of(OrderLog.of(stagecast.check(orders).orders).before(end))
    spec = fit_spec(history, day, PERIOD, StageConfig(), clock)
    known = label(history, Snapshots.of(history, [day]), spec, end)
    return pd.DataFrame({"stage": known.next_stage, "ordered": known.ordered, "spend": known.spend})


def test_labels_see_their_period_and_nothing_after_it() -> None:
    orders = purchases()
    usual = labels(orders)
    after = pd.Timestamp(CUTOFF) + pd.Timedelta(PERIOD, "D")
    customers = orders.loc[orders["ordered_at"] < CUTOFF, "customer_id"].unique()
    more = orders.head(len(customers)).assign(customer_id=customers, amount=1000.0)
    pd.testing.assert_frame_equal(labels(pd.concat([orders, more.assign(ordered_at=after)])), usual)
    within = labels(pd.concat([orders, more.assign(ordered_at=after - pd.Timedelta(1, "us"))]))
    assert within["ordered"].all()
    assert not usual["ordered"].all()
