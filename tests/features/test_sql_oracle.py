"""Every default feature against SQL, on random histories and on real shops."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from histories import KEYS, REAL_SHOPS, Builder, many_orders, order_sets, spec_for, ticks
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_oracle import SqlOracle

from features.clock import Clock
from features.config import FeatureConfig, StageConfig
from features.feature import WHOLE, Feature
from features.history import History
from features.stages.fit import fit_spec
from features.table import build_features


def compare(got: pd.DataFrame, want: pd.DataFrame, features: list[Feature]) -> None:
    """Counts are equal; the rest to 1e-9, and to the few millionths that money and cadence are rounded to."""
    assert got["customer_id"].tolist() == want.index.tolist()
    for feature in features:
        one, two = got[feature.name].to_numpy(), want[feature.name].to_numpy(dtype=float)
        if feature.unit in WHOLE:
            assert not (one % 1 > 0).any(), feature.name
            np.testing.assert_array_equal(one, two, err_msg=feature.name)
        else:
            np.testing.assert_allclose(one, two, rtol=1e-9, atol=3e-6, err_msg=feature.name)


@given(order_sets(), st.data())
@settings(max_examples=40)
def test_random_histories(orders: pd.DataFrame, data: st.DataObject) -> None:
    build = Builder(spec_for(orders, data.draw(st.sampled_from([7, 28]))))
    oracle = SqlOracle(orders)
    cutoffs = data.draw(st.lists(st.sampled_from(ticks(orders)), min_size=1, max_size=2, unique=True))
    got = build(orders, cutoffs)
    for cutoff in cutoffs:
        want = oracle.features(cutoff, build.spec, build.windows)
        assert not set(want) ^ {feature.name for feature in build.features(orders)}
        compare(got[got["cutoff"] == cutoff], want, build.features(orders))


@pytest.mark.slow
def test_ten_thousand_orders_of_one_customer() -> None:
    orders = many_orders(10_000)
    build, cutoffs, oracle = Builder(spec_for(orders)), ticks(orders)[150::163], SqlOracle(orders)
    got = build(orders, cutoffs)
    for cutoff in cutoffs:
        want = oracle.features(cutoff, build.spec, build.windows)
        compare(got[got["cutoff"] == cutoff], want, build.features(orders))


def test_a_wrong_value_is_noticed(cdnow_few: pd.DataFrame) -> None:
    build, cutoff = Builder(spec_for(cdnow_few)), ticks(cdnow_few)[40]
    want = SqlOracle(cdnow_few).features(cutoff, build.spec, build.windows)
    right = build(cdnow_few, [cutoff])
    for feature in build.features(cdnow_few):
        wrong = right.copy()
        wrong.loc[7, feature.name] = np.nan_to_num(wrong.loc[7, feature.name]) + 1e-3
        with pytest.raises(AssertionError, match=feature.name):
            compare(wrong, want, [feature])


def check_shop(orders: pd.DataFrame, hold_days: int, only: Iterable[str] | None = None) -> None:
    """Default windows, the fitted spec, five cut-offs a period apart."""
    history, clock, config = History.of(orders), Clock(), FeatureConfig()
    last = clock.floor(history.last_day)
    cutoffs = [last - hold_days * k for k in range(5)]
    spec = fit_spec(history, cutoffs[-1], hold_days, StageConfig(), clock)
    oracle = SqlOracle(orders, only)
    table = build_features(history, cutoffs, spec, config).astype({"cutoff": "datetime64[us]"})
    features = Builder(spec, windows=config.windows).features(orders)
    chosen = table[table["customer_id"].isin(oracle.only)]
    assert len(chosen.drop_duplicates(KEYS)) == len(chosen)
    for cutoff in cutoffs:
        at = chosen[chosen["cutoff"] == pd.Timestamp(np.datetime64(cutoff, "D"))]
        want = oracle.features(cutoff, spec, config.windows)
        assert set(want) == {feature.name for feature in features}
        compare(at, want, features)


def test_cdnow(cdnow_few: pd.DataFrame) -> None:
    check_shop(cdnow_few, 28)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hold_days"), REAL_SHOPS)
def test_real_shops(shared_data: Callable[[str], Path], name: str, hold_days: int) -> None:
    """1,000 random customers of a shop of 1,500: what looks at the shop must see the other 500 too."""
    columns = ["customer_id", "order_id", "ordered_at", "product_id", "category", "quantity", "unit_price", "amount"]
    extra = ["discount"] if name == "completejourney" else []
    whole = pd.read_parquet(shared_data(name), columns=[*columns, "is_return", *extra])
    shop = np.random.default_rng(1).permutation(whole["customer_id"].unique())[:1500]
    check_shop(whole[whole["customer_id"].isin(shop)], hold_days, shop[:1000])
