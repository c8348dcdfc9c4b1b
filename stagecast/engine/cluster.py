"""Dask: a cluster of processes on this machine, or one that is there already."""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import dask
from distributed import Client, LocalCluster
from distributed.comm import connect
from distributed.security import Security
from distributed.utils import get_mp_context

from features.errors import BusyError, StagecastError
from stagecast.engine.config import EngineConfig
from stagecast.engine.mapped import Dask, Mend

_UNWATCHED: dict[str, object] = {
    **{f"distributed.{part}.http.routes": [] for part in ("scheduler", "worker", "nanny")},
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",  # looked fifty times a second whether a loop still turns
    # arrays are freed and asked for again a moment later, see features/memory.py
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 128 << 20,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 << 20,
}
_FORKED: dict[str, object] = {
    "distributed.worker.multiprocessing-method": "forkserver",
    # Arrow's other allocator, which nobody uses here, would keep a thread in what is forked
    "distributed.nanny.pre-spawn-environ.JE_ARROW_MALLOC_CONF": "background_thread:false",
}
_SHARED = ["distributed", "features.partitions.reading", "features.partitions.table_maker", "serving.job.parts"]
_LARGE: dict[str, object] = {"distributed.admin.large-graph-warning-threshold": "1 GiB"}
"""A model and the tables beside the orders are sent once, so that what Dask warns of is no waste."""


@contextmanager
def started(config: EngineConfig) -> Iterator[Dask]:
    """An engine of processes on this machine, each with one thread, which end with it.

    They come up in the background, and are waited for when there is work for
    them: errors of the start are raised there. They speak TLS with keys that
    nobody else has, since whoever can speak to a scheduler can have any code run.

    Raises:
        StagecastError: they cannot be started.
        BusyError: none comes.
    """
    forked = _FORKED if sys.platform == "linux" else {}
    settings = _UNWATCHED | forked | _LARGE | {"distributed.deploy.lost-worker-timeout": config.patience / 2}
    with dask.config.set(settings), ExitStack() as opened, ThreadPoolExecutor(1) as background:
        coming = background.submit(_come_up, config, opened)
        yield Dask(coming.result, config.patience)


def _come_up(config: EngineConfig, opened: ExitStack) -> tuple[Client, Mend]:
    workers = config.workers or os.cpu_count() or 1
    try:
        cluster = opened.enter_context(_cluster(workers, config.memory))
    except (OSError, RuntimeError, ImportError) as error:
        raise StagecastError(
            "the workers of Dask cannot be started",
            got=_first_line(error),
            remedy="in a script of your own, work under `if __name__ == '__main__':`, since each worker imports it;"
            " or leave out --engine",
        ) from error
    client = opened.enter_context(Client(cluster, set_as_default=False))
    _wait_for_one(client, config)
    return client, lambda: cluster.scale(workers)


def _cluster(workers: int, memory: str | None) -> LocalCluster:
    _born_ready()
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=memory or "auto",
        dashboard_address="127.0.0.1:0",  # where Dask opens a port in any case; nothing is shown there
        scheduler_kwargs={"dashboard": False},
        security=Security.temporary(),
        silence_logs=logging.ERROR,
    )


def _born_ready() -> None:
    """Have a worker forked from a process that has imported what all need: a tenth of the CPU, and of a restart."""
    context = get_mp_context()
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(_SHARED)  # after Dask's own list, which it sets but once


@contextmanager
def connected(address: str, config: EngineConfig) -> Iterator[Dask]:
    """An engine of the workers of a scheduler, which stay when it ends.

    Raises:
        StagecastError: the scheduler cannot be reached.
        BusyError: it has no workers.
    """
    try:
        _shake_hands(address, config.patience)
        client = Client(address, set_as_default=False, timeout=config.patience)
    except (OSError, RuntimeError, TypeError, ValueError) as error:
        raise StagecastError(
            "the scheduler of Dask cannot be reached",
            got=f"{address}: {_first_line(error)}",
            remedy="check --scheduler, that a scheduler of the same version of Dask runs there,"
            " and for tls:// the certificates in Dask's settings (distributed.comm.tls)",
        ) from error
    with client, dask.config.set(_LARGE):
        _wait_for_one(client, config)
        yield Dask(lambda: (client, lambda: None), config.patience)


def _shake_hands(address: str, patience: float) -> None:
    """Whether a scheduler answers: a client would wait for ever where somebody else listens and says nothing."""

    async def shake() -> None:
        with_keys = Security().get_connection_args("client")
        comm = await asyncio.wait_for(connect(address, timeout=patience, **with_keys), patience)
        await comm.close()

    with ThreadPoolExecutor(1) as thread:  # a notebook has a loop running in its own
        thread.submit(lambda: asyncio.run(shake())).result()


def _wait_for_one(client: Client, config: EngineConfig) -> None:
    try:
        client.wait_for_workers(1, timeout=config.patience)
    except TimeoutError:
        raise BusyError(
            "the Dask cluster has no workers",
            got=f"none within {config.patience:g} s",
            remedy="start workers, or try again later; [engine] patience waits longer",
        ) from None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
