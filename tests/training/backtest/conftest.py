"""The small shop of the folder above, planned for three cut-offs and forecast once."""

from pathlib import Path

import pytest

from features.history import History
from training.backtest.plan import Plan, plan
from training.backtest.report import Backtest
from training.backtest.run import forecast_all
from training.bootstrap import Resampling
from training.config import Recipe
from training.forecasts import Forecasts
from training.judge import Judging, judge_forecasts

NUMBER = 3


@pytest.fixture(scope="session")
def planned(history: History, as_of: int, recipe: Recipe) -> Plan:
    return plan(history, as_of, NUMBER, recipe)


@pytest.fixture(scope="session")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("backtest")


@pytest.fixture(scope="session")
def told() -> list[str]:
    return []


@pytest.fixture(scope="session")
def forecasts(planned: Plan, out: Path, told: list[str]) -> list[Forecasts]:
    """Made by a real run, which leaves its files in `out` and what it said in `told`."""
    return forecast_all(planned, planned.shelf(out), told.append)


@pytest.fixture(scope="session")
def found(planned: Plan, forecasts: list[Forecasts]) -> Backtest:
    pooled = Forecasts.stack(forecasts)
    return Backtest(planned, pooled, judge_forecasts(pooled, Judging(Resampling(100, seed=1))))
