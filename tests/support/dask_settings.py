"""Settings for the Dask cluster of the tests, which is open already."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest

from stagecast.config import Config
from stagecast.engine.mapped import Dask

OnDask = Callable[[Config], Config]


@pytest.fixture
def on_dask(dask_engine: Dask, monkeypatch: pytest.MonkeyPatch) -> OnDask:
    """Makes settings ask for that cluster."""
    monkeypatch.setattr("stagecast.engine.cluster.connected", lambda *_: nullcontext(dask_engine))
    return lambda config: config.overridden("engine", scheduler="tls://that-of-the-tests:1")
