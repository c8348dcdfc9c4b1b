"""Runs: snapshots that one value serves, the first of which stands for all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import Floats, Ints

Places = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Runs:
    """Which snapshots share a value.

    Attributes:
        first: place of the snapshot that stands for each run, shape (runs,).
        run: run of each snapshot, shape (n,).
    """

    first: Ints
    run: Places

    @classmethod
    def between(cls, moves: Iterable[Ints], number: int) -> Self:
        """Runs of neighbours among so many: one begins at each place where any of these moves, the first among them."""
        moved = np.zeros(number, dtype=np.bool_)
        for places in moves:
            _mark(moved, places)
        run, first = np.empty(number, dtype=np.int32), np.empty(np.count_nonzero(moved) + 1, dtype=np.int64)
        return cls(first[: _number(moved, run, first)], run)

    @classmethod
    def of_equal(cls, days: Ints) -> Self:
        """Runs of equal days, wherever they stand."""
        if not len(days):
            return cls(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int32))
        least = int(days.min())
        number = np.full(int(days.max()) - least + 1, -1, dtype=np.int32)
        run, first = np.empty(len(days), dtype=np.int32), np.empty(len(number), dtype=np.int64)
        return cls(first[: _number_equal(days, least, number, (run, first))], run)

    def taken(self, values: np.ndarray) -> np.ndarray:
        """The value of each run, shape (runs,), at all of its snapshots, shape (n,)."""
        column = np.empty(len(self.run), dtype=values.dtype)
        self.spread(values, column)
        return column

    def spread(self, values: np.ndarray, column: np.ndarray) -> None:
        """Write the value of each run, shape (runs,), to all of its snapshots, shape (n,), of the same type."""
        _spread(values, self.run, column)


def in_single(values: Floats, single: npt.NDArray[np.float32]) -> bool:
    """Write the same values as float32; whether nothing is lost by that."""
    return bool(_narrow(values, single))


@numba.njit(cache=True, nogil=True)
def _number(moved: npt.NDArray[np.bool_], run: Places, first: Ints) -> int:
    """Number the runs without a branch; a place that begins none is written over."""
    runs = 0
    for k in range(len(run)):
        first[runs] = k
        runs += moved[k]
        run[k] = runs - 1
    return runs


@numba.njit(cache=True, nogil=True)
def _number_equal(days: Ints, least: int, number: Places, filled: tuple[Places, Ints]) -> int:
    """Number the days as they are met."""
    run, first = filled
    runs = 0
    for k in range(len(days)):
        if number[days[k] - least] < 0:
            number[days[k] - least] = runs
            first[runs] = k
            runs += 1
        run[k] = number[days[k] - least]
    return runs


@numba.njit(cache=True, nogil=True)
def _mark(moved: npt.NDArray[np.bool_], places: Ints) -> None:
    for place in places:
        moved[place] = True


@numba.njit(cache=True, nogil=True)
def _spread(values: np.ndarray, run: Places, column: np.ndarray) -> None:
    for k in range(len(run)):
        column[k] = values[run[k]]


@numba.njit(cache=True, nogil=True)
def _narrow(values: np.ndarray, single: np.ndarray) -> bool:
    exact = True
    for k in range(len(values)):
        single[k] = values[k]
        exact &= single[k] == values[k] or np.isnan(values[k])
    return exact
