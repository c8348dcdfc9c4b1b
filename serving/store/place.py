"""Where the files of a store lie: a folder of this machine, in which what is written is made durable."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from filelock import FileLock, Timeout

from features.errors import BusyError
from features.files import hidden, sweep


class Place(Protocol):
    """Files by name; names use `/` and are made by the store alone, never from what comes from outside."""

    address: str
    options: dict[str, str]

    def write(self, name: str, content: bytes) -> None:
        """Make a file hold this, whole or not at all; it is durable when this returns."""

    def read(self, name: str) -> bytes | None:
        """What a file holds; None where there is none."""

    def names(self, folder: str) -> list[str]:
        """Names of what lies directly in a folder, without the folder, sorted; none where there is no folder."""

    def idle(self, folder: str) -> list[str]:
        """Those of the names that no living job can be writing, seen from within `alone`."""

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""

    def filling(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """A new file to be filled: durable when the context ends well, gone when it does not."""

    def opened(self, name: str) -> Any:
        """A file for `pyarrow` to read at any position."""

    def settle(self, name: str) -> None:
        """Make durable what somebody else wrote under this name."""

    def alone(self, name: str, patience: float = 0) -> AbstractContextManager[None]:
        """Keep others that ask for this name out; `BusyError` where somebody stays in for so many seconds."""


class Folder:
    """A place on a disk of this machine."""

    def __init__(self, folder: Path) -> None:
        self.address, self.options = str(folder), dict[str, str]()
        self._folder = folder

    def write(self, name: str, content: bytes) -> None:  # noqa: D102  # the protocol says it, here and below
        path = self._made(name)
        for left_over in path.parent.glob(".*.*"):
            sweep(path.with_name(left_over.stem[1:]))
        with hidden(path) as beside:
            with beside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        _sync(path.parent)

    def read(self, name: str) -> bytes | None:  # noqa: D102
        try:
            return (self._folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, folder: str) -> list[str]:  # noqa: D102
        try:
            return sorted(path.name for path in (self._folder / folder).iterdir() if not path.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def idle(self, folder: str) -> list[str]:  # noqa: D102
        return self.names(folder)

    def remove(self, name: str) -> None:  # noqa: D102
        path = self._folder / name
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()  # if it is empty now

    @contextmanager
    def filling(self, name: str) -> Iterator[IO[bytes]]:  # noqa: D102
        path = self._made(name)
        try:
            with path.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            _sync(path.parent)
        except BaseException:
            with suppress(OSError):
                path.unlink()
            raise

    def opened(self, name: str) -> Any:  # noqa: D102
        return str(self._folder / name)

    def settle(self, name: str) -> None:  # noqa: D102
        _sync(self._folder / name)
        _sync((self._folder / name).parent)

    @contextmanager
    def alone(self, name: str, patience: float = 0) -> Iterator[None]:  # noqa: D102
        path = self._made(name)
        path.touch()  # fails at once where FileLock would try again and again
        try:
            with FileLock(path, timeout=patience):
                yield
        except Timeout:
            raise BusyError("another job is at work there", got=str(path), remedy="try again when it is done") from None

    def _made(self, name: str) -> Path:
        """The path of a file, its folder made durably where it was missing."""
        path = self._folder / name
        missing = [folder for folder in path.parents if not folder.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            _sync(folder.parent)
        return path


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
