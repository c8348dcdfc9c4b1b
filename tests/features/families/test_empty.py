"""What a feature is where there is nothing to make it from, as its declaration says."""

import numpy as np
import pandas as pd
import pytest
from histories import MONDAY, Builder, some_spec

from features.families import all_features
from features.feature import Feature
from features.lines import OPTIONAL

LONG_AFTER = int(MONDAY.astype("datetime64[D]").astype(int)) + 7 * 260
FEATURES = all_features((4, 13), frozenset(OPTIONAL))


@pytest.fixture(scope="module")
def lone() -> pd.Series:
    """A customer with one bare line, five years before the cut-off, in a shop silent ever since."""
    bought = ("o1", "p1", "c1", 1.0, 10.0, 10.0, 1.0, False)
    bare = (None, None, None, np.nan, np.nan, np.nan, np.nan, False)
    names = ["order_id", "product_id", "category", "quantity", "unit_price", "amount", "discount", "is_return"]
    orders = pd.DataFrame([bought, bare], columns=names).assign(
        customer_id=["founder", "lone"], ordered_at=pd.Timestamp(str(MONDAY)).as_unit("us")
    )
    return Builder(some_spec(), windows=(4, 13))(orders, [LONG_AFTER]).set_index("customer_id").loc["lone"]


@pytest.mark.parametrize("feature", FEATURES, ids=[feature.name for feature in FEATURES])
def test_a_feature_without_anything_to_go_by_is_what_it_says(feature: Feature, lone: pd.Series) -> None:
    if feature.empty is None:
        assert np.isfinite(lone[feature.name])
    else:
        assert lone[feature.name] == pytest.approx(feature.empty, abs=0, nan_ok=True)
