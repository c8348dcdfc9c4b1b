"""Arrays put down in a file as plain bytes, one after the other, so that a slice of one costs only itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.files import handed_over
from features.orders.words import buffers

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Place:
    """Where an array lies in a file."""

    at: int
    dtype: np.dtype[Any]
    length: int


@dataclass(frozen=True)
class WordsPlace:
    """Where words lie in a file: where each begins, and at last where the last ends; and the bytes of all."""

    places: Place
    letters: Place

    def __len__(self) -> int:
        return self.places.length - 1


class Writer:
    """Puts arrays down in an open file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def put(self, values: Array) -> Place:
        """Put an array down."""
        place = Place(self._file.tell(), values.dtype, len(values))
        self._file.write(np.ascontiguousarray(values).view(np.uint8).data)
        return place

    def put_words(self, words: pa.LargeStringArray) -> WordsPlace:
        """Put words down, none of them null."""
        places, letters = buffers(words)
        return WordsPlace(self.put(places - places[0]), self.put(letters[places[0] : places[-1]]))


class Reader:
    """Takes slices of what was put down in an open file."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def take(self, place: Place, first: int, last: int) -> Array:
        """Values `first` to `last`, without the last.

        Raises:
            OSError: the file is shorter than it was.
        """
        self._file.seek(place.at + first * place.dtype.itemsize)
        found = np.fromfile(self._file, place.dtype, last - first)
        if len(found) != last - first:
            raise OSError(f"{self._file.name} ends before all that was put down in it")
        return found

    def take_words(self, place: WordsPlace, first: int, last: int) -> pa.LargeStringArray:
        """Words `first` to `last`, without the last. Raises what `take` does."""
        places = self.take(place.places, first, last + 1)
        letters = self.take(place.letters, int(places[0]), int(places[-1]))
        return pa.LargeStringArray.from_buffers(last - first, pa.py_buffer(places - places[0]), pa.py_buffer(letters))


@contextmanager
def written(path: Path) -> Iterator[Writer]:
    """A new file to put arrays down in, see `handed_over`."""
    with handed_over(path) as file:
        yield Writer(file)


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """A file to take arrays from."""
    with path.open("rb", buffering=0) as file:
        yield Reader(file)
