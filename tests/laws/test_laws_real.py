"""The laws over every default feature, on real orders."""

from collections.abc import Callable
from pathlib import Path

import laws
import numpy as np
import pandas as pd
import pytest
from histories import REAL_SHOPS, Builder, spec_for, ticks

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.stages.fit import fit_spec


def few_ticks(orders: pd.DataFrame) -> list[int]:
    every = ticks(orders)
    return [every[k] for k in (len(every) // 4, len(every) // 2, 3 * len(every) // 4, -9, -1)]


def keep_all(build: Builder, orders: pd.DataFrame, weekly: list[int]) -> None:
    """Every law, once, at five cut-offs; the legality of moves at every tick."""
    cutoffs, names = few_ticks(orders), orders["customer_id"].unique()
    halves = np.array_split(np.random.default_rng(0).permutation(names), 2)
    laws.no_future(build, orders, cutoffs)
    laws.row_order(build, orders, cutoffs, seed=1)
    laws.input_untouched(build, orders, cutoffs)
    laws.each_alone(build, orders, cutoffs)
    laws.others_change_nothing(build, orders, cutoffs, halves, laws.shop_features(build.features(orders)))
    laws.shift_by_weeks(build, orders, cutoffs, number=31)
    laws.one_stage(build, orders, cutoffs)
    laws.legal(build, orders, weekly, build.spec.hold_days)
    if "amount" in orders:
        laws.currency(build, orders, weekly, factor=100.0)


def test_cdnow(cdnow_few: pd.DataFrame) -> None:
    keep_all(Builder(spec_for(cdnow_few)), cdnow_few, ticks(cdnow_few))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hold_days"), REAL_SHOPS)
def test_real_shops(shared_data: Callable[[str], Path], name: str, hold_days: int) -> None:
    whole = pd.read_parquet(shared_data(name)).dropna(axis=1, how="all")
    few = np.random.default_rng(3).choice(whole["customer_id"].unique(), 300, replace=False)
    orders = whole[whole["customer_id"].isin(few)].reset_index(drop=True)
    history, clock = History.of(orders), Clock()
    spec = fit_spec(history, clock.floor(history.last_day), hold_days, StageConfig(), clock)
    keep_all(Builder(spec), orders, ticks(orders))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["online_retail_2", "completejourney"])
def test_a_whole_shop_has_no_future(shared_data: Callable[[str], Path], name: str) -> None:
    orders = pd.read_parquet(shared_data(name)).dropna(axis=1, how="all")
    laws.no_future(Builder(spec_for(orders)), orders, few_ticks(orders)[1:4])


def test_the_spec_knows_no_future(cdnow_few: pd.DataFrame) -> None:
    clock = Clock()
    before = ticks(cdnow_few)[50]
    cut = cdnow_few[cdnow_few["ordered_at"] < np.datetime64(before, "D")]
    one, two = (fit_spec(History.of(orders), before, 28, StageConfig(), clock) for orders in (cdnow_few, cut))
    assert one.to_json() == two.to_json()
    assert one.order_days > 300
