"""What a feature is where there is nothing to make it from, as its declaration says."""

import re

import numpy as np
import pandas as pd
import pytest
from histories import MONDAY, Builder, some_spec

from features.families import all_features
from features.feature import Feature
from features.history.since import OPTIONAL

LONG_AFTER = int(MONDAY.astype("datetime64[D]").astype(int)) + 7 * 260
FEATURES = all_features((4, 13), frozenset(OPTIONAL))


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    """Customers with one line each, one complete and one bare, five years ago, in a shop silent ever since."""
    complete = ("o1", "p1", "c1", 1.0, 10.0, 10.0, 1.0, False)
    bare = (None, None, None, np.nan, np.nan, np.nan, np.nan, False)
    names = ["order_id", "product_id", "category", "quantity", "unit_price", "amount", "discount", "is_return"]
    orders = pd.DataFrame([complete, bare], columns=names).assign(
        customer_id=["complete", "bare"], ordered_at=pd.Timestamp(str(MONDAY)).as_unit("us")
    )
    return Builder(some_spec(), windows=(4, 13))(orders, [LONG_AFTER]).set_index("customer_id")


@pytest.mark.parametrize("feature", FEATURES, ids=[feature.name for feature in FEATURES])
def test_a_feature_without_anything_to_go_by_is_what_it_says(feature: Feature, known: pd.DataFrame) -> None:
    """A window is empty whatever came before it; a whole history is as empty as can be where its line is bare."""
    value = known.loc["complete" if re.search(r"_\d+w$", feature.name) else "bare", feature.name]
    if feature.empty is None:
        assert np.isfinite(value)
    else:
        assert value == pytest.approx(feature.empty, abs=0, nan_ok=True)
