"""Each law of the stages, on stages alone: on random histories, and on thousands of real customers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import laws
import numpy as np
import pandas as pd
import pytest
from histories import REAL_SHOPS, StageBuilder, later_orders, order_sets, spec_for, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.stages.fit import fit_spec

UNITS = ["datetime64[s]", "datetime64[ms]", "datetime64[us]", "datetime64[ns]"]
FACTORS = [100.0, 0.01, 10.0, 7.8, 1 / 3]
some = settings(max_examples=30)


def some_ticks(data: st.DataObject, orders: pd.DataFrame) -> list[int]:
    return sorted(data.draw(st.lists(st.sampled_from(ticks(orders)), min_size=1, max_size=6, unique=True)))


# -- on random histories -----------------------------------------------------------------------------------


@given(order_sets(), st.data())
@some
def test_cutting_the_future_off(orders: pd.DataFrame, data: st.DataObject) -> None:
    laws.no_future(StageBuilder(spec_for(orders)), orders, some_ticks(data, orders))


@given(order_sets(), st.data())
@some
def test_another_future(orders: pd.DataFrame, data: st.DataObject) -> None:
    cutoff = data.draw(st.sampled_from(ticks(orders)))
    laws.more_future(StageBuilder(spec_for(orders)), orders, cutoff, data.draw(later_orders(orders, cutoff)))


@given(order_sets(), st.sampled_from([7, 14, 28]))
@some
def test_only_legal_moves(orders: pd.DataFrame, hold_days: int) -> None:
    laws.legal(StageBuilder(spec_for(orders, hold_days)), orders, ticks(orders), hold_days)


@given(order_sets(), st.integers(0, 9))
@some
def test_row_order_and_running_twice(orders: pd.DataFrame, seed: int) -> None:
    build, weekly = StageBuilder(spec_for(orders)), ticks(orders)
    laws.row_order(build, orders, weekly, seed)
    laws.twice(build, orders, weekly)
    laws.input_untouched(build, orders, weekly)


@given(order_sets(), st.integers(-600, 600))
@some
def test_a_shift_by_whole_weeks(orders: pd.DataFrame, number: int) -> None:
    laws.shift_by_weeks(StageBuilder(spec_for(orders)), orders, ticks(orders), number)


@given(order_sets(), st.sampled_from(FACTORS))
@some
def test_the_currency(orders: pd.DataFrame, factor: float) -> None:
    laws.currency(StageBuilder(spec_for(orders)), orders, ticks(orders), factor)


@given(order_sets(), st.sampled_from(UNITS), st.integers(0, 9))
@some
def test_the_time_of_day(orders: pd.DataFrame, unit: str, seed: int) -> None:
    laws.time_of_day(StageBuilder(spec_for(orders)), orders, ticks(orders), unit, seed)


@given(order_sets(), st.data())
@some
def test_exactly_one_stage(orders: pd.DataFrame, data: st.DataObject) -> None:
    laws.one_stage(StageBuilder(spec_for(orders)), orders, some_ticks(data, orders))


@given(order_sets())
@some
def test_other_customers(orders: pd.DataFrame) -> None:
    parts = [[name] for name in sorted(set(orders["customer_id"]))]
    laws.others_change_nothing(StageBuilder(spec_for(orders)), orders, ticks(orders), parts, set())


@given(order_sets(), st.lists(st.integers(0, 400), min_size=1, max_size=3))
@some
def test_whatever_the_first_tick(orders: pd.DataFrame, begins: list[int]) -> None:
    build, weekly = StageBuilder(spec_for(orders)), ticks(orders)
    laws.first_tick(build, orders, weekly, [begin % len(weekly) for begin in begins])
    laws.each_alone(build, orders, weekly[:: max(len(weekly) // 4, 1)])


# -- on real shops -----------------------------------------------------------------------------------------

NEEDED = ["customer_id", "ordered_at", "is_return", "amount"]
MOST = 5_000


@dataclass(frozen=True)
class RealShop:
    """Thousands of customers of a shop, the spec of its first half, and random cut-offs."""

    orders: pd.DataFrame
    build: StageBuilder
    cutoffs: list[int]

    @property
    def weekly(self) -> list[int]:
        return ticks(self.orders)

    @property
    def customers(self) -> np.ndarray:
        return self.orders["customer_id"].unique()


@pytest.fixture(scope="module", params=REAL_SHOPS, ids=[name for name, _ in REAL_SHOPS])
def real(request: pytest.FixtureRequest, shared_data: Callable[[str], Path]) -> RealShop:
    name, hold_days = request.param
    rng = np.random.default_rng(11)
    whole = pd.read_parquet(shared_data(name))
    every = whole["customer_id"].unique()
    few = rng.choice(every, min(MOST, len(every)), replace=False)
    orders = whole.loc[whole["customer_id"].isin(few), [column for column in NEEDED if column in whole]]
    orders = orders.dropna(axis=1, how="all").reset_index(drop=True)
    history, clock = History.of(orders), Clock()
    middle = clock.floor((history.first_day + history.last_day) // 2)
    spec = fit_spec(history, middle, hold_days, StageConfig(), clock)
    cutoffs = rng.choice(ticks(orders), 12, replace=False)
    assert len(few) >= 1_500
    return RealShop(orders, StageBuilder(spec), sorted(cutoffs.tolist()))


@pytest.mark.slow
def test_real_cutting_the_future_off(real: RealShop) -> None:
    laws.no_future(real.build, real.orders, real.cutoffs)


@pytest.mark.slow
def test_real_another_future(real: RealShop) -> None:
    for cutoff in real.cutoffs[1::3]:
        before = laws.before(real.orders, cutoff)
        gap = pd.Timestamp(np.datetime64(cutoff, "D")) - before["ordered_at"].min().floor("D")
        again = before.assign(ordered_at=before["ordered_at"] + gap)  # the whole past once more, as another future
        laws.more_future(real.build, before, cutoff, again)


@pytest.mark.slow
def test_real_only_legal_moves(real: RealShop) -> None:
    laws.legal(real.build, real.orders, real.weekly, real.build.spec.hold_days)


@pytest.mark.slow
def test_real_row_order_and_running_twice(real: RealShop) -> None:
    laws.row_order(real.build, real.orders, real.cutoffs, seed=3)
    laws.twice(real.build, real.orders, real.cutoffs)
    laws.input_untouched(real.build, real.orders, real.cutoffs)


@pytest.mark.slow
@pytest.mark.parametrize("number", [-52, 1, 3, 31])
def test_real_a_shift_by_whole_weeks(real: RealShop, number: int) -> None:
    laws.shift_by_weeks(real.build, real.orders, real.cutoffs, number)


@pytest.mark.slow
def test_real_the_currency(real: RealShop) -> None:
    if "amount" not in real.orders:
        pytest.skip("these orders have no money")
    for factor in FACTORS:
        laws.currency(real.build, real.orders, real.cutoffs, factor)


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS)
def test_real_the_time_of_day(real: RealShop, unit: str) -> None:
    laws.time_of_day(real.build, real.orders, real.cutoffs, unit, seed=4)


@pytest.mark.slow
def test_real_exactly_one_stage(real: RealShop) -> None:
    laws.one_stage(real.build, real.orders, real.weekly)


@pytest.mark.slow
def test_real_other_customers(real: RealShop) -> None:
    rng = np.random.default_rng(5)
    halves = np.array_split(rng.permutation(real.customers), 2)
    alone = [[name] for name in rng.choice(real.customers, 20, replace=False)]
    laws.others_change_nothing(real.build, real.orders, real.cutoffs, [*halves, *alone], set())


@pytest.mark.slow
def test_real_whatever_the_first_tick(real: RealShop) -> None:
    laws.first_tick(real.build, real.orders, real.weekly, [0, 1, 2, 3, len(real.weekly) // 2])
    laws.each_alone(real.build, real.orders, real.cutoffs)
