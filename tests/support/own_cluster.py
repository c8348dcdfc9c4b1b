"""A Dask cluster of processes of its own, as an operator starts one: scheduler and workers by Dask's command line."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = "--host", "127.0.0.1"


class OwnCluster:
    """The processes of a cluster.

    Args:
        folder: for the scheduler's address.
        options: of Dask for all of them, as TLS files.
    """

    def __init__(self, folder: Path, options: tuple[str, ...] = ()) -> None:
        self._file, self._options = folder / "scheduler.json", options
        self._scheduler = self._started("scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", self._file)
        self._workers = list[subprocess.Popen[bytes]]()

    @property
    def address(self) -> str:
        """The scheduler's, as soon as it has one."""
        until = time.monotonic() + 60
        while not self._file.exists() and time.monotonic() < until:
            time.sleep(0.05)
        return str(json.loads(self._file.read_text())["address"])

    def add_worker(self) -> None:
        """Start a worker, which comes when it comes."""
        one = "--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", self._file.parent
        self._workers.append(self._started("worker", self.address, *one))

    def lose_scheduler(self) -> None:
        """Kill the scheduler with -9."""
        self._scheduler.send_signal(signal.SIGKILL)
        self._scheduler.wait()

    def end(self) -> None:
        """End all processes."""
        for process in (*self._workers, self._scheduler):
            process.kill()
            process.wait()

    def _started(self, what: str, *words: str | Path) -> subprocess.Popen[bytes]:
        path = {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *HERE, *self._options, *map(str, words)]
        return subprocess.Popen(command, env=os.environ | path, stderr=subprocess.DEVNULL)


@contextmanager
def own_cluster(folder: Path, workers: int, options: tuple[str, ...] = ()) -> Iterator[OwnCluster]:
    """A cluster with so many workers at its beginning; it is ended at the end."""
    cluster = OwnCluster(folder, options)
    try:
        for _ in range(workers):
            cluster.add_worker()
        yield cluster
    finally:
        cluster.end()
