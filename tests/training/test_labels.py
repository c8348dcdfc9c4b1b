"""What came next: half-open windows, an independent count, and nothing from beyond the window."""

import numpy as np
import pandas as pd
import pytest
import stage_oracle
from histories import later_orders, order_sets, some_spec, spec_for, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import to_date
from features.errors import DataError
from features.history import History
from features.past import Snapshots
from features.stages.spec import StageSpec
from training.labels import Labels, label

T = int(np.datetime64("2020-06-01", "D").astype(int))  # a Monday
DAY = np.timedelta64(1, "D")
FAR = T + 7 * 1000


def at(day: int, time: str = "00:00:00.000000") -> np.datetime64:
    return np.datetime64(f"{to_date(day)}T{time}", "us")


def shop(*ordered_at: np.datetime64) -> pd.DataFrame:
    """One customer who bought something for 5 a month before T, and again for 3 at each of the times."""
    times = [at(T - 30), *ordered_at]
    amounts = [5.0, *(3.0 for _ in ordered_at)]
    return pd.DataFrame({"customer_id": "a", "ordered_at": times, "amount": amounts, "is_return": False})


def labels(orders: pd.DataFrame, cutoffs: list[int], spec: StageSpec, end: int = FAR) -> tuple[pd.DataFrame, Labels]:
    history = History.of(orders)
    snapshots = Snapshots.of(history, cutoffs)
    rows = pd.DataFrame({"customer_id": history.customers[snapshots.customer], "cutoff": snapshots.cutoff})
    return rows, label(history, snapshots, spec, end)


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        (at(T, "00:00:00.000000"), True),
        (at(T - 1, "23:59:59.999999"), False),
        (at(T + 27, "23:59:59.999999"), True),
        (at(T + 28, "00:00:00.000000"), False),
    ],
)
def test_the_window_holds_the_cutoff_and_not_its_end(when: np.datetime64, counts: bool) -> None:
    _, found = labels(shop(when), [T], some_spec(hold_days=28))

    assert found.ordered.tolist() == [counts]
    assert found.spend.tolist() == [3.0 * counts]


def test_a_return_in_the_window_lowers_the_spend_and_is_no_order() -> None:
    orders = pd.concat([shop(at(T + 3)), shop(at(T + 5)).tail(1).assign(amount=-4.0, is_return=True)])
    alone = pd.concat([shop(), shop(at(T + 5)).tail(1).assign(amount=-4.0, is_return=True)])

    assert labels(orders, [T], some_spec())[1].spend.tolist() == [-1.0]
    assert not labels(alone, [T], some_spec())[1].ordered.any()


@pytest.mark.parametrize("hold_days", [7, 28])
def test_a_window_that_is_not_over_is_refused_with_the_newest_cutoff_that_is(hold_days: int) -> None:
    spec = some_spec(hold_days=hold_days)
    labels(shop(), [T, T + 7], spec, end=T + 7 + hold_days)

    with pytest.raises(DataError, match=f"cut-offs up to {to_date(T)}, since orders are known up to") as refused:
        labels(shop(), [T, T + 7], spec, end=T + hold_days)
    assert f"cut-off {to_date(T + 7)} with a period of {hold_days} days" in str(refused.value)


@given(order_sets(), st.sampled_from([7, 14, 28]))
@settings(max_examples=40)
def test_labels_are_what_an_independent_count_finds(orders: pd.DataFrame, period: int) -> None:
    spec, cutoffs = spec_for(orders, period), ticks(orders, every=3)
    rows, found = labels(orders, cutoffs, spec)
    money = "amount" in orders and bool(orders["amount"].notna().any())
    people = stage_oracle.customers(orders)

    for row, t in enumerate(rows["cutoff"]):
        person, window = people[rows["customer_id"][row]], range(t, t + period)
        assert found.ordered[row] == any(day in window for day in person.order_days(money))
        spend = sum(net for day, net in person.net() if day in window) / stage_oracle.MILLION
        assert found.spend[row] == pytest.approx(spend, abs=1e-9) if money else np.isnan(found.spend[row])


@given(order_sets(), st.sampled_from([7, 28]))
@settings(max_examples=25)
def test_the_next_stage_is_the_stage_one_period_later(orders: pd.DataFrame, period: int) -> None:
    spec, cutoffs = spec_for(orders, period), ticks(orders, every=2)
    rows, found = labels(orders, cutoffs, spec)
    stages = stage_oracle.stage_table(orders, spec, cutoffs[-1] + period).set_index(["customer_id", "cutoff"])["stage"]

    then = stages.loc[list(zip(rows["customer_id"], rows["cutoff"] + period, strict=True))]
    assert found.next_stage.tolist() == then.tolist()
    assert found.regression.tolist() == (then == 3).tolist()


@given(st.data())
@settings(max_examples=25)
def test_nothing_at_or_after_the_end_of_a_window_changes_its_label(data: st.DataObject) -> None:
    orders = data.draw(order_sets(without=False))
    spec, cutoff = some_spec(), data.draw(st.sampled_from(ticks(orders)))
    known = orders["ordered_at"] < pd.Timestamp(np.datetime64(cutoff + 28, "D"))
    before, after = orders[known], data.draw(later_orders(orders, cutoff + 28))

    rows, found = labels(before, [cutoff], spec)
    later_rows, later = labels(pd.concat([before, after], ignore_index=True), [cutoff], spec)

    pd.testing.assert_frame_equal(rows, later_rows)
    for name, values in vars(found).items():
        np.testing.assert_array_equal(values, getattr(later, name), err_msg=name)
