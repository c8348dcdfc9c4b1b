"""Orders read by several processes: each cleans some stretches of a source and lays their lines down."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from features.orders.limits import Terms
from features.orders.log import OrderLog
from features.orders.raw import of_tables
from features.orders.stream import LINES, OrderStream
from features.orders.stretches import Cut
from features.orders.told import Told

Lay = TypeVar("Lay")
Lay_co = TypeVar("Lay_co", covariant=True)


class Layer(Protocol[Lay_co]):
    """What takes lines in and lays them down in files."""

    def add(self, log: OrderLog) -> None:
        """Take in a batch of lines."""

    def laid(self) -> Lay_co:
        """All lines in files, for another process to take in."""


@dataclass(frozen=True)
class Reader(Generic[Lay]):
    """Reads one stretch after the other; whoever reads the same one leaves the same behind.

    Attributes:
        cut: the source in stretches.
        terms: what rows are measured by.
        layer: makes what takes the lines in, given a folder.
        folder: where lines are laid down, in a folder for each stretch.
    """

    cut: Cut
    terms: Terms
    layer: Callable[[Path], Layer[Lay]]
    folder: Path

    def __call__(self, number: int) -> tuple[Told, Lay]:
        """What is told of the rows of a stretch, and where its lines lie.

        Raises:
            DataError: it cannot be read, or holds what is of no use.
        """
        folder = self.folder / f"{number:05}"
        folder.mkdir(exist_ok=True)
        layer = self.layer(folder)
        stream = OrderStream(of_tables(self.cut.scan(self.cut.stretches[number]).batched(LINES)), self.terms)
        for log in stream.batches():
            layer.add(log)
        return stream.told, layer.laid()
