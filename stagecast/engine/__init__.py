"""Where the work on partitions of customers is done: in this process, or by the workers of a Dask cluster."""

from stagecast.engine.config import EngineConfig
from stagecast.engine.opened import engine_of

__all__ = ["EngineConfig", "engine_of"]
