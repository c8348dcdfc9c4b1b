import pandas as pd
import pytest
from histories import some_spec, ticks

from features.config import FeatureConfig
from features.errors import UsageError
from features.families import all_features
from features.history import History
from features.table import build_features, select

CONFIG = FeatureConfig(windows=(4, 13))
FEATURES = all_features(CONFIG.windows, frozenset({"amount"}))


def test_patterns_select_in_the_features_own_order() -> None:
    names = [feature.name for feature in select(FEATURES, ["tenure", "net_spend_*", "recency"])]
    assert names == ["recency", "tenure", "net_spend_4w", "net_spend_13w", "net_spend_ever", "net_spend_year_ago"]
    assert select(FEATURES, None) == FEATURES
    assert select(FEATURES, []) == FEATURES


def test_a_pattern_that_matches_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="no feature has such a name") as error:
        select(FEATURES, ["recency", "spendings_*"])
    assert "got: spendings_*" in str(error.value)
    assert "net_spend_*" in str(error.value)


def test_one_row_a_snapshot_one_column_a_feature(cdnow_few: pd.DataFrame) -> None:
    cutoffs = ticks(cdnow_few)[30:60:10]
    table = build_features(History.of(cdnow_few), [*reversed(cutoffs), cutoffs[0]], some_spec(), CONFIG)
    keys = table[["customer_id", "cutoff"]]
    assert not keys.duplicated().any()
    pd.testing.assert_frame_equal(keys, keys.sort_values(["customer_id", "cutoff"]))
    assert len(table) == 3 * cdnow_few["customer_id"].nunique()
    assert table.dtypes[["recency", "order_days_4w", "stage_code"]].eq("float32").all()
    assert table.dtypes[["net_spend_4w", "mean_gap"]].eq("float64").all()


def test_selected_features_are_the_same_as_all(cdnow_few: pd.DataFrame) -> None:
    history, cutoffs = History.of(cdnow_few), ticks(cdnow_few)[40:41]
    few = build_features(history, cutoffs, some_spec(), CONFIG, ["cadence", "shop_*"])
    every = build_features(history, cutoffs, some_spec(), CONFIG)
    pd.testing.assert_frame_equal(few, every[list(few)])


def test_before_all_orders_nobody_is_known(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    table = build_features(history, [ticks(cdnow_few)[0] - 70], some_spec(), CONFIG)
    assert len(table) == 0
    assert "recency" in table
