"""Usual prices put down in a file, so that whoever works on a partition can have those of the whole log."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

from features.history.prices import UsualPrices
from features.partitions.spill import Place, WordsPlace, opened, written

_ARRAYS = ("starts", "day", "total", "count")


@dataclass(frozen=True)
class PutDown:
    """Where usual prices lie.

    Attributes:
        path: the file.
        words: the products.
        arrays: the arrays of `UsualPrices`, in the order of its attributes.
    """

    path: Path
    words: WordsPlace
    arrays: tuple[Place, ...]

    @classmethod
    def of(cls, prices: UsualPrices, path: Path) -> Self:
        """Put prices down in a new file."""
        with written(path) as file:
            words = file.put_words(prices.words)
            return cls(path, words, tuple(file.put(getattr(prices, name)) for name in _ARRAYS))

    def prices(self) -> UsualPrices:
        """The prices; a process that asks again has them still."""
        return _read(self)


@lru_cache(maxsize=1)
def _read(place: PutDown) -> UsualPrices:
    with opened(place.path) as file:
        words = file.take_words(place.words, 0, len(place.words))
        return UsualPrices(words, *(file.take(array, 0, array.length) for array in place.arrays))
