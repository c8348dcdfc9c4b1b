"""What a job uses beside its own process, looked at again and again while it runs (Linux)."""

import re
import threading
from contextlib import suppress
from pathlib import Path

import psutil

_OFTEN = 0.1
"""Seconds between two looks: the CPU time of a process that ends is known but for so much."""


class Watch:
    """CPU seconds and memory of all processes that this one began, however they were begun; bytes in a folder.

    Attributes:
        in_files: the most bytes that lay in the folder at a time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._ended = folder, threading.Event()
        self._cpu, self._gb, self.in_files = dict[int, float](), dict[int, float](), 0
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self._thread.join()

    @property
    def cpu(self) -> float:
        """CPU seconds of all of them together."""
        return sum(self._cpu.values())

    @property
    def gb(self) -> float:
        """The largest resident memory of any of them, at any time."""
        return max(self._gb.values(), default=0.0)

    def _look(self) -> None:
        while not self._ended.wait(_OFTEN):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error, OSError):
                    used = process.cpu_times()
                    self._cpu[process.pid] = used.user + used.system
                    self._gb[process.pid] = max(_peak(process.pid), self._gb.get(process.pid, 0.0))
            with suppress(OSError):
                self.in_files = max(self.in_files, sum(path.stat().st_size for path in self._folder.rglob("*")))


def _peak(pid: int) -> float:
    """The largest resident memory of a process, in GB; 0 for one that has ended and is not yet reaped."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1e6 if found else 0.0
