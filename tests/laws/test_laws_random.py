"""The laws over every default feature, on random histories."""

import laws
import numpy as np
import pandas as pd
from histories import Builder, later_orders, order_sets, spec_for, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

some = settings(max_examples=20)
PERIODS = st.sampled_from([7, 28])


def some_ticks(data: st.DataObject, orders: pd.DataFrame, most: int = 4) -> list[int]:
    return sorted(data.draw(st.lists(st.sampled_from(ticks(orders)), min_size=1, max_size=most, unique=True)))


@given(order_sets(), st.data())
@some
def test_no_future(orders: pd.DataFrame, data: st.DataObject) -> None:
    laws.no_future(Builder(spec_for(orders)), orders, some_ticks(data, orders))


@given(order_sets(), st.data())
@some
def test_more_future(orders: pd.DataFrame, data: st.DataObject) -> None:
    cutoff = data.draw(st.sampled_from(ticks(orders)))
    later = data.draw(later_orders(orders, cutoff))
    laws.more_future(Builder(spec_for(orders)), orders, cutoff, later)


@given(order_sets(), st.data(), st.integers(0, 9))
@some
def test_row_order_and_input(orders: pd.DataFrame, data: st.DataObject, seed: int) -> None:
    build, cutoffs = Builder(spec_for(orders)), some_ticks(data, orders)
    laws.row_order(build, orders, cutoffs, seed)
    laws.input_untouched(build, orders, cutoffs)


@given(order_sets(), st.data())
@some
def test_each_cutoff_alone(orders: pd.DataFrame, data: st.DataObject) -> None:
    laws.each_alone(Builder(spec_for(orders)), orders, some_ticks(data, orders))


@given(order_sets(without=False), st.data())
@some
def test_others_change_nothing(orders: pd.DataFrame, data: st.DataObject) -> None:
    # a column that only others fill is a column a part does not have: the founder, who has all, is in each part
    build, cutoffs = Builder(spec_for(orders)), some_ticks(data, orders)
    parts = [[name, "~"] for name in sorted(set(orders["customer_id"]) - {"~"})] or [["~"]]
    laws.others_change_nothing(build, orders, cutoffs, parts, laws.shop_features(build.features(orders)))


@given(order_sets(), st.data(), st.integers(-600, 600))
@some
def test_shift_by_weeks(orders: pd.DataFrame, data: st.DataObject, number: int) -> None:
    laws.shift_by_weeks(Builder(spec_for(orders)), orders, some_ticks(data, orders), number)


@given(order_sets(), st.sampled_from([100.0, 0.01, 10.0, 7.8]))
@some
def test_currency(orders: pd.DataFrame, factor: float) -> None:
    laws.currency(Builder(spec_for(orders)), orders, ticks(orders), factor)


@given(order_sets(), PERIODS)
@some
def test_stages(orders: pd.DataFrame, hold_days: int) -> None:
    build = Builder(spec_for(orders, hold_days))
    laws.one_stage(build, orders, ticks(orders))
    laws.legal(build, orders, ticks(orders), hold_days)


@given(order_sets(), st.data(), st.sampled_from(["datetime64[s]", "datetime64[ms]", "datetime64[ns]"]))
@some
def test_the_unit_of_time_changes_nothing(orders: pd.DataFrame, data: st.DataObject, unit: str) -> None:
    build, cutoffs = Builder(spec_for(orders)), some_ticks(data, orders)
    laws.same(build(orders, cutoffs), build(orders.astype({"ordered_at": unit}), cutoffs))


@given(order_sets(), st.data())
@some
def test_a_feature_is_a_finite_number_or_not_defined(orders: pd.DataFrame, data: st.DataObject) -> None:
    table = Builder(spec_for(orders))(orders, some_ticks(data, orders)).drop(columns="customer_id")
    assert not np.isinf(table.to_numpy(dtype=float)).any()
