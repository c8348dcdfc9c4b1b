"""Configuration of the engine."""

from typing import Literal

from pydantic import Field

from features.strict import Strict


class EngineConfig(Strict):
    """Where the work on partitions of customers is done. No value depends on it.

    Attributes:
        name: `local` is the command's own process; `dask` a cluster of processes
            on this machine, or the one of `scheduler`. By default `dask` where there is a scheduler, else `local`.
        scheduler: address of a Dask scheduler, as tcp://host:8786; its workers have
            stagecast installed and reach the working folders under the same paths.
        workers: processes of a cluster on this machine; 0 for one on each core.
        memory: what each of them may take, as "4GB"; by default its share of the machine's.
        patience: seconds to wait for workers, at the beginning and whenever all are gone.
    """

    name: Literal["local", "dask"] | None = None
    scheduler: str | None = Field(default=None, pattern=r"^(tcp|tls|ucx|ws|wss)://[^\s/]+:\d+$")
    workers: int = Field(default=0, ge=0, le=1024)
    memory: str | None = Field(default=None, pattern=r"^\d+(\.\d+)? ?([kKMGT]i?)?B$")
    patience: float = Field(default=60.0, gt=0)

    @property
    def local(self) -> bool:
        """Whether the command's own process does all."""
        return self.name == "local" or (self.name is None and self.scheduler is None)
