"""The orders of a week, taken in batch by batch, given out as histories of whole customers."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.engine import Engine
from features.feature import Feature
from features.history import History
from features.orders.log import OrderLog
from features.orders.words import buffers
from features.partitions.parted import Laid, Parted
from features.partitions.share import Share
from features.tables.joined import Table


class Intake:
    """Order lines before a cut-off.

    Args:
        day: the cut-off, as a day number.
        columns: the optional columns that the model was trained on: another one could change what an order is.
        lines: the most lines of a partition.
        folder: where lines are put down if they are more.

    Attributes:
        lines: how many there are.
        sources: lines of each source on each day, where a gate watches them.
    """

    def __init__(self, day: int, columns: tuple[str, ...], lines: int, folder: Path) -> None:
        self._day, self._columns = day, columns
        self._parted, self._digest = Parted(day, lines, folder), hashlib.sha256()
        self.lines = 0
        self.sources: dict[str, tuple[int, ...]] = {}

    def add(self, log: OrderLog) -> None:
        """Take in a batch of lines."""
        log = log.only(self._columns).before(self._day)
        self.lines += len(log)
        self._parted.add(log)
        _put_lines(log, self._digest)

    def put(self, given: "Given") -> None:
        """Take in lines that another process has laid down."""
        self.lines += sum(len(one.run) for one in given.laid.runs)
        self._parted.put(given.laid)
        self._digest.update(given.digest.encode())

    def laid(self) -> "Given":
        """All lines in files, for another process to take in."""
        return Given(self._parted.laid(), self.digest)

    @property
    def has(self) -> frozenset[str]:
        """Optional columns that hold something."""
        return frozenset(self._parted.since)

    @property
    def digest(self) -> str:
        """SHA-256 of the lines in the order and the batches in which they came."""
        return self._digest.hexdigest()

    @property
    def elsewhere(self) -> "Callable[[Path], Intake]":
        """Makes one that takes lines in for this one, in another process; it is given a folder."""
        return partial(Intake, self._day, self._columns, 0)

    @property
    def folder(self) -> Path:
        """Where lines are put down."""
        return self._parted.folder

    @property
    def bounds(self) -> list[str]:
        """Customers with whom partitions begin, but for the first."""
        return self._parted.bounds

    def share(self, engine: Engine, features: Sequence[Feature]) -> Share:
        """The partitions, for the workers of an engine who make these features."""
        return self._parted.share_on(engine, any(feature.shop for feature in features))

    def histories(self) -> Iterator[History]:
        """The history of each partition; the customers of one come before the next's."""
        return self._parted.histories()


@dataclass(frozen=True)
class Given:
    """Order lines that were laid down in files, and their digest."""

    laid: Laid
    digest: str


def _put(arrays: Iterable[npt.NDArray[Any]], digest: "hashlib._Hash") -> None:
    for array in arrays:
        digest.update(np.ascontiguousarray(array).view(np.uint8).data)


def _put_words(words: pa.LargeStringArray, digest: "hashlib._Hash") -> None:
    places, letters = buffers(words)
    _put([places - places[0], letters[places[0] : places[-1]]], digest)


def _put_lines(log: OrderLog, digest: "hashlib._Hash") -> None:
    """Feed a digest with all that a log holds, column by column."""
    digest.update(f"{len(log)};{sorted(log.text)};{sorted(log.numbers)};".encode())
    for _, column in sorted(log.text.items()):
        _put([column.codes], digest)
        _put_words(column.words, digest)
    _put([*(column for _, column in sorted(log.numbers.items())), log.ordered_at, log.is_return], digest)


def digest_tables(tables: Mapping[str, Table]) -> str:
    """SHA-256 of the tables beside the orders."""
    digest = hashlib.sha256()
    for name, table in sorted(tables.items()):
        digest.update(f"{name};{len(table.customers)};{sorted(table.streams)};".encode())
        _put_words(table.customers, digest)
        for _, stream in sorted(table.streams.items()):
            _put([stream.starts, stream.day, stream.visible, stream.value], digest)
    return digest.hexdigest()
