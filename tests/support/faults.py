"""Faults of the disk at a chosen moment: the n-th time that something is opened to be written, moved, made or removed.

Python tells of each through its audit hooks, so nothing of ours need be replaced for it. Files that
other languages write (Delta Lake's) are not seen here.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"}


class Faults:
    """Counts what happens to files below a folder, and does something at the n-th time."""

    def __init__(self) -> None:
        self.folder: str | None = None
        self.seen = 0
        self.at = 0
        self.act: Callable[[], None] = lambda: None
        sys.addaudithook(self._hear)
        self._fsync, os.fsync = os.fsync, self._synced

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.folder is None or event not in EVENTS:
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
            return
        if isinstance(arguments[0], str | os.PathLike) and str(Path(arguments[0]).absolute()).startswith(self.folder):
            self._count()

    def _synced(self, file: int) -> None:
        if self.folder is not None:
            self._count()
        self._fsync(file)

    def _count(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            self.act()


_FAULTS: list[Faults] = []  # a hook cannot be taken back: there is one, and it sleeps


@contextmanager
def fault(folder: Path, at: int, act: Callable[[], None]) -> Iterator[Faults]:
    """Do something at the n-th fault point below a folder; with `at` 0 they are only counted."""
    if not _FAULTS:
        _FAULTS.append(Faults())
    (faults,) = _FAULTS
    faults.folder, faults.seen, faults.at, faults.act = str(folder.absolute()), 0, at, act
    try:
        yield faults
    finally:
        faults.folder = None


def failing(number: int) -> Callable[[], None]:
    """Raise the system's error of this number, as a full or failing disk does."""

    def fail() -> None:
        raise OSError(number, os.strerror(number))

    return fail


def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """`python faults.py N COMMAND ...`: stagecast dies at the n-th fault point below the working folder.

    With 0 it lives, and the number of fault points is the last line of standard error.
    """
    from stagecast.cli import main as stagecast

    at, sys.argv = int(sys.argv[1]), ["stagecast", *sys.argv[2:]]
    with fault(Path.cwd(), at, die) as faults:
        try:
            stagecast()
        finally:
            print(faults.seen, file=sys.stderr)


if __name__ == "__main__":
    main()
