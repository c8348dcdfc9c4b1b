"""The engine that the settings name, open as long as it is needed."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

from features.engine import Engine, Local
from features.errors import UsageError
from stagecast.engine.config import EngineConfig


@contextmanager
def engine_of(config: EngineConfig) -> Iterator[Engine]:
    """The engine of the settings; what it opens is closed at the end.

    Raises:
        UsageError: Dask is asked for, and not installed; or the memory of a worker is not enough for anything.
        BusyError: no worker comes.
        StagecastError: the scheduler cannot be reached, or no worker can be started.
    """
    if config.local:
        yield Local()
        return
    if find_spec("distributed") is None:
        raise UsageError("Dask is not installed", remedy="pip install 'stagecast[dask]', or leave out --engine")
    from stagecast.engine.cluster import connected, started

    with started(config) if config.scheduler is None else connected(config.scheduler, config) as engine:
        yield engine
