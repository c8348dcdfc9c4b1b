"""Where a week lies while it is being scored: a folder of its own, under a lock of its own."""

import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from features.errors import BusyError, StagecastError

STALE_DAYS = 7
"""Work that nobody took up again for so long is swept away."""

_TRIES = 20

_WEEK = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Bench:
    """The folder of a week, and the lock that this process holds on it.

    What lies here outlives a killed process, so that the next one goes on
    where it stopped; it is gone once the week is done.
    """

    folder: Path
    lock: Path
    inode: int

    def require_lock(self) -> None:
        """Check that the lock is still ours.

        Raises:
            BusyError: somebody took the lock's file away, so that another scorer may be at work.
        """
        with suppress(OSError):
            if self.lock.stat().st_ino == self.inode:
                return
        raise BusyError(
            "the lock of this week was taken away while it was being scored",
            got=self.lock,
            remedy="nothing was published; see who removes files there, and run the same command again",
        )

    def parts(self, key: str) -> Path:
        """The folder of parts made from just the same things as told by `key`, in hex digits; others are removed."""
        for other in self.folder.iterdir():
            if other.name != key and not other.name.startswith("."):  # hidden are the orders of this very run
                shutil.rmtree(other, ignore_errors=True)
        folder = self.folder / key
        folder.mkdir(exist_ok=True)
        return folder

    def sweep(self) -> None:
        """Remove the orders of a run that was killed, wherever it ran: the lock is ours now."""
        for left_over in self.folder.glob(".*"):
            shutil.rmtree(left_over, ignore_errors=True)

    def clear(self) -> None:
        """Remove what was made so far: it is published."""
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def bench(work: Path, as_of: str) -> Iterator[Bench]:
    """The bench of a week in a folder of unfinished work, for this process alone.

    Args:
        work: the folder; made where it is missing, and gone again if nothing is left in it.
        as_of: the cut-off, a date as YYYY-MM-DD.

    Raises:
        BusyError: another scorer is at work on this week.
        StagecastError: the folder cannot be written.
    """
    with ExitStack() as held:
        try:
            held.callback(_remove_empty, [work] if work.parent.exists() else [work, work.parent])
            lock = _made(work, as_of)
            held.enter_context(FileLock(lock, timeout=0))
            held.callback(_leave, work, as_of)
            found = Bench(work / as_of, lock, lock.stat().st_ino)
            found.folder.mkdir(exist_ok=True)
            found.sweep()
            sweep(work, STALE_DAYS)
        except Timeout:
            raise BusyError(
                "another scorer is at work on this week",
                got=f"{as_of}, locked in {work}",
                remedy="try again when it is done",
            ) from None
        except OSError as error:
            raise StagecastError(
                "the scores cannot be written",
                got=f"{error.filename or work}: {error.strerror or error}",
                remedy="free some space, let this user write there, or give another --out; nothing was published",
            ) from error
        yield found


def sweep(work: Path, days: float = 0) -> list[str]:
    """Remove the unfinished work of weeks that nobody scores and nobody has touched for so many days; which ones."""
    gone = []
    for folder in work.iterdir() if work.is_dir() else ():
        if _WEEK.fullmatch(folder.name) and _age(folder) > days * 86_400:
            with suppress(Timeout), FileLock(_lock(work, folder.name), timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
                gone.append(folder.name)
                _lock(work, folder.name).unlink(missing_ok=True)
    return sorted(gone)


def _made(work: Path, as_of: str) -> Path:
    """The file of a week's lock; tried again where another scorer has just removed the empty folder."""
    lock = _lock(work, as_of)
    for left in reversed(range(_TRIES)):
        try:
            work.mkdir(parents=True, exist_ok=True)
            lock.touch()  # fails at once where FileLock would try again and again
            break
        except (FileNotFoundError, FileExistsError):  # gone between two looks at it
            if not left:
                raise
    return lock


def _age(folder: Path) -> float:
    """Seconds since a folder was touched; below 0 where it is gone by now."""
    try:
        return time.time() - folder.stat().st_mtime
    except FileNotFoundError:
        return -1.0


def _lock(work: Path, as_of: str) -> Path:
    return work / f"{as_of}.lock"


def _leave(work: Path, as_of: str) -> None:
    """While the lock is still held: take its file away, and an empty folder."""
    _remove_empty([*(work / as_of).glob("*"), work / as_of])
    if not (work / as_of).exists():
        _lock(work, as_of).unlink(missing_ok=True)


def _remove_empty(folders: Sequence[Path]) -> None:
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()
