"""A cluster that is there before any job: `standing.py WORKERS MEMORY` prints its address, and ends with its input."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed import LocalCluster

SETTINGS = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 128 << 20,
}
"""As `docs/cluster.md` asks for."""


@contextmanager
def standing(workers: int, memory: str) -> Iterator[str]:
    """The address of a cluster of so many processes, each with one thread."""
    command = [sys.executable, __file__, str(workers), memory]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        yield child.stdout.readline().strip()
        child.stdin.close()


def main() -> None:
    """Stand until nobody asks any more."""
    dask.config.set(SETTINGS)
    workers, memory = sys.argv[1:]
    asked = {"n_workers": int(workers), "threads_per_worker": 1, "memory_limit": memory}
    with LocalCluster(**asked, dashboard_address="127.0.0.1:0") as there:
        print(there.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
