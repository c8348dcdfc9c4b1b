"""Settings for the Dask cluster of the tests."""

from collections.abc import Callable

import pytest

from features.engine import Engine
from stagecast.config import Config


@pytest.fixture
def on_dask(dask_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[[Config], Config]:
    """Settings for the cluster of the tests, which is open already."""
    scheduler = dask_engine._client.scheduler.address  # type: ignore[attr-defined]
    monkeypatch.setattr("stagecast.engine.cluster.connected", _Open(dask_engine))
    return lambda config: config.overridden("engine", scheduler=scheduler)


class _Open:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __call__(self, *_: object) -> "_Open":
        return self

    def __enter__(self) -> Engine:
        return self._engine

    def __exit__(self, *_: object) -> None:
        """It is closed by whoever opened it."""
