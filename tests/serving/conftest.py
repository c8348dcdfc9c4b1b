"""The trained shop, and its score table."""

import pandas as pd
import pytest
from trained_shop import AS_OF, Shop, moneyless_shop, trained_shop

import stagecast


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return trained_shop(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def moneyless(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return moneyless_shop(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def scores(shop: Shop) -> pd.DataFrame:
    return stagecast.score(shop.frame, AS_OF, config=shop.config, model=shop.registered).table
