"""Engines that are no engine of the product's own: what they do, no result may depend on."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Given = TypeVar("Given")
Found = TypeVar("Found")


class Twice:
    """Does every piece twice, as where a worker is lost once it is done, and some before they are asked for."""

    def __init__(self, workers: int = 2) -> None:
        self.workers = workers

    def map(self, function: Callable[[Given], Found], pieces: Iterable[Given]) -> Iterator[Found]:
        """See `Engine`."""
        for piece in list(pieces):
            function(piece)
            yield function(piece)
