"""A small shop with money, products and returns, judged; and planted shops, judged."""

from collections.abc import Callable

import pandas as pd
import planted_shops
import pytest
from planted_shops import QUICK, span_of

from features.history import History
from training.validity.judged import Judged
from training.validity.report import Validity
from training.validity.run import judge_stages


@pytest.fixture(scope="session")
def judged(history: History) -> Judged:
    """The small shop of `tests/training/conftest.py`."""
    return Judged(history, span_of(history))


@pytest.fixture(scope="session")
def report(history: History) -> Validity:
    return judge_stages(history, span_of(history), QUICK)


@pytest.fixture(scope="session")
def planted() -> Callable[[planted_shops.Life], pd.DataFrame]:
    """Claims of a planted shop, by name."""
    found: dict[str, pd.DataFrame] = {}

    def claims(life: planted_shops.Life) -> pd.DataFrame:
        if life.__name__ not in found:
            history = History.of(planted_shops.shop(life))
            table = judge_stages(history, span_of(history), QUICK).claims
            found[life.__name__] = table.set_index("claim")
        return found[life.__name__]

    return claims
