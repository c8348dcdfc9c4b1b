"""Engines: where the work on partitions of customers is done. Everything is per customer, so an engine only maps."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


class Engine(Protocol):
    """Does one function for each of many pieces of work.

    What is given and found is small: where a partition lies and what was
    counted of it, not its lines. Large things are files in a folder that all
    who work can reach.
    """

    @property
    def workers(self) -> int:
        """How many pieces are worked on at once."""

    def map(self, function: Callable[[Given], Found], pieces: Iterable[Given]) -> Iterator[Found]:
        """What the function finds for each piece, in the order of the pieces.

        A piece may be worked on more than once, where a worker was lost: the
        function leaves the same behind each time, whole or not at all.

        Raises:
            StagecastError: what the function raised first, in the order of the pieces; or no worker could do one.
        """


class Local:
    """This process, piece after piece; no piece is asked for before the one before it is done."""

    workers = 1

    def map(self, function: Callable[[Given], Found], pieces: Iterable[Given]) -> Iterator[Found]:
        """See `Engine`."""
        return map(function, pieces)


def counted(doing: str, pieces: int, tell: Callable[[str], None]) -> Iterator[int]:
    """The numbers of so many pieces of work; each is told, with what is done to it, when it is asked for."""
    for number in range(pieces):
        tell(doing if pieces == 1 else f"{doing}, part {number + 1:,} of {pieces:,}")
        yield number


def apart(engine: Engine) -> bool:
    """Whether other processes than this one do the work, so that what they need goes through files."""
    return not isinstance(engine, Local)
