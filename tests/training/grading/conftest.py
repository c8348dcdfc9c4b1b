"""A week that the trained model published, and the orders that came after it."""

from collections.abc import Callable

import pandas as pd
import pytest

from features.history import History
from features.stages.moves import STAGES
from training.grading.grade import Truth
from training.grading.week import Scorer, Week
from training.table import Table
from training.train import Trained

Published = Callable[..., Week]


@pytest.fixture(scope="session")
def scorer(trained: Trained, history: History) -> Scorer:
    columns = tuple(sorted(history.has))
    return Scorer("stagecast", 3, trained.model.spec, columns, trained.judgement.forecasts)


@pytest.fixture(scope="session")
def truth(history: History, as_of: int) -> Truth:
    return Truth(history, as_of)


@pytest.fixture(scope="session")
def published(trained: Trained, scorer: Scorer, history: History, table_at: Callable[..., Table]) -> Published:
    """The scores of a cut-off as the model says them, under the ids of the orders."""

    def at(day: int, scorer: Scorer = scorer) -> Week:
        table = table_at([day])
        forecast = trained.model.forecast(table.features, threads=1)
        scores = pd.DataFrame(
            {
                "customer_id": history.customers[table.snapshots.customer],
                "stage": [STAGES[code] for code in table.now.stage],
                **{f"p_{name}": forecast.stages[:, k] for k, name in enumerate(STAGES)},
                "p_order": forecast.p_order,
                "expected_spend": forecast.expected_spend,
            }
        )
        return Week(day, scorer, "content", scores)

    return at


@pytest.fixture(scope="session")
def week(published: Published, as_of: int) -> Week:
    """The newest week whose period is over."""
    return published(as_of - 28)
