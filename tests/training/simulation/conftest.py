"""One small shop of each scenario, made once."""

from functools import cache

import pytest

from training.simulation import SCENARIOS, Simulated, simulate


@cache
def shop_of(name: str) -> Simulated:
    return simulate(SCENARIOS[name], 400, seed=5)


@pytest.fixture(params=list(SCENARIOS))
def made(request: pytest.FixtureRequest) -> Simulated:
    """Each scenario in turn; not to be changed."""
    return shop_of(request.param)


@pytest.fixture
def ordinary() -> Simulated:
    """A shop with promotions and seasons; not to be changed."""
    return shop_of("growth")
