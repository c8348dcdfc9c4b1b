"""Where the files of a store lie: a folder of an object store, where an object that is there is whole and durable."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import IO, Any

from deltalake.fs import DeltaStorageHandler
from pyarrow.fs import FileInfo, FileSelector, FileType, PyFileSystem

_ABANDONED = timedelta(days=1)  # no job takes that long to write a week


class Bucket:
    """A place in an object store. It has no locks: what must not happen twice is left to the log's commits."""

    def __init__(self, address: str, options: Mapping[str, str] | None = None) -> None:
        self.address, self.options = address.rstrip("/"), dict(options or {})
        self._files = PyFileSystem(DeltaStorageHandler(self.address, self.options))

    def write(self, name: str, content: bytes) -> None:  # noqa: D102  # see `Place`, here and below
        room = len(content) + 1  # through a buffer, or the handler would be given an object that it does not know
        with self._files.open_output_stream(name, buffer_size=room) as file:
            file.write(content)

    def read(self, name: str) -> bytes | None:  # noqa: D102
        try:
            with self._files.open_input_file(name) as file:
                return bytes(file.read())
        except FileNotFoundError:
            return None

    def names(self, folder: str) -> list[str]:  # noqa: D102
        return sorted(info.base_name for info in self._there(folder))

    def idle(self, folder: str) -> list[str]:  # noqa: D102
        before = datetime.now(UTC) - _ABANDONED
        return sorted(info.base_name for info in self._there(folder) if info.mtime and info.mtime < before)

    def remove(self, name: str) -> None:  # noqa: D102
        self._files.delete_file(name)

    @contextmanager
    def filling(self, name: str) -> Iterator[IO[bytes]]:  # noqa: D102
        try:
            with self._files.open_output_stream(name) as file:
                yield file
        except BaseException:
            self.remove(name)
            raise

    def opened(self, name: str) -> Any:  # noqa: D102
        return self._files.open_input_file(name)

    def settle(self, name: str) -> None:
        """Nothing is left to do."""

    def alone(self, name: str, patience: float = 0) -> AbstractContextManager[None]:  # noqa: D102
        return nullcontext()

    def _there(self, folder: str) -> list[FileInfo]:
        found = self._files.get_file_info(FileSelector(folder, allow_not_found=True))
        return [info for info in found if info.type != FileType.NotFound]
