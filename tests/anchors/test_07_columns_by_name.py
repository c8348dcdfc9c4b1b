"""7. Columns are taken by name: in any order the same forecast, and a missing or foreign one is named."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.errors import ModelError
from features.model.forecast import Model
from features.model.next_stage import STANDING

Forecast = Callable[[pd.DataFrame], pd.DataFrame]


@pytest.fixture(scope="module")
def features(shop: Shop) -> pd.DataFrame:
    model = shop.registered.model
    table = stagecast.features(shop.frame, [AS_OF], shop.config, spec=model.spec)
    return table[list(model.contract.features)].head(300)


def by(model: Model) -> Forecast:
    def forecast(table: pd.DataFrame) -> pd.DataFrame:
        said = model.forecast(table, 1)
        return pd.DataFrame({"regression": said.p_regression, "order": said.p_order})

    return forecast


def promise(forecast: Forecast, features: pd.DataFrame) -> None:
    """The same forecast whatever the order of the columns, and whatever stands beside them."""
    names = np.array(features.columns)
    free = np.flatnonzero(~np.isin(names, STANDING))  # mixed up, these would be no stages
    names[free] = np.random.default_rng(0).permutation(names[free])
    shuffled = features[names].assign(stranger=1.0)
    pd.testing.assert_frame_equal(forecast(shuffled), forecast(features), check_exact=True)


def test_by_name(shop: Shop, features: pd.DataFrame) -> None:
    promise(by(shop.registered.model), features)


def test_by_position_is_noticed(shop: Shop, features: pd.DataFrame) -> None:
    usual, names = by(shop.registered.model), features.columns
    with pytest.raises(AssertionError):
        promise(
            lambda table: usual(table.iloc[:, : len(names)].set_axis(names, axis=1).astype(features.dtypes)), features
        )


def test_a_missing_or_foreign_column_is_named(shop: Shop, features: pd.DataFrame) -> None:
    model = shop.registered.model
    with pytest.raises(ModelError, match="recency"):
        model.forecast(features.drop(columns="recency"))
    with pytest.raises(ModelError, match="recency"):
        model.forecast(features.assign(recency="long ago"))


def test_a_column_of_nothing_makes_no_nonsense(shop: Shop, features: pd.DataFrame) -> None:
    said = by(shop.registered.model)(features.assign(recency=np.nan))
    assert said.ge(0).all(axis=None)
    assert said.le(1).all(axis=None)
