"""Counting sort: lines dealt out by a small whole number, without a comparison."""

from typing import TypeVar

import numba
import numpy as np
import numpy.typing as npt

from features.fixed import Ints

Scalar = TypeVar("Scalar", bound=np.generic)

Places = npt.NDArray[np.int32]
"""Positions of lines; int32, since no machine holds more lines than that in memory."""


def deal(code: npt.NDArray[np.int32], codes: int, lines: Places) -> tuple[Places, Ints]:
    """Some lines sorted by code, those of one code in the order given.

    Args:
        code: number in `[0, codes)` of every line.
        codes: how many codes there are.
        lines: lines to sort, shape (n,).

    Returns:
        The lines, shape (n,), and where those of each code begin, shape (codes + 1,).
    """
    starts = np.zeros(codes + 1, dtype=np.int64)
    dealt = np.empty(len(lines), dtype=np.int32)
    _deal(code, lines, starts, dealt)
    return dealt, starts


def deal_in_time(code: npt.NDArray[np.int32], codes: int, moment: Ints) -> tuple[Places, Ints]:
    """All lines sorted by code, then by moment; those of one moment stay in their order."""
    dealt, starts = deal(code, codes, np.arange(len(code), dtype=np.int32))
    _sort_in_time(moment, starts, dealt)
    return dealt, starts


def gather(values: npt.NDArray[Scalar], lines: Places) -> npt.NDArray[Scalar]:
    """Values of these lines one after another, so that whoever reads them next need not wait for memory."""
    found = np.empty(len(lines), dtype=values.dtype)
    _gather(values, lines, found)
    return found


@numba.njit(cache=True, nogil=True)
def _gather(values: npt.NDArray[np.generic], lines: Places, found: npt.NDArray[np.generic]) -> None:
    for k in range(len(lines)):
        found[k] = values[lines[k]]


@numba.njit(cache=True, nogil=True)
def _deal(code: Places, lines: Places, starts: Ints, dealt: Places) -> None:
    for line in lines:
        starts[code[line] + 1] += 1
    for k in range(1, len(starts)):
        starts[k] += starts[k - 1]
    place = starts.copy()
    for line in lines:
        dealt[place[code[line]]] = line
        place[code[line]] += 1


@numba.njit(cache=True, nogil=True)
def _sort_in_time(moment: Ints, starts: Ints, dealt: Places) -> None:
    """Most logs come in time order, so nearly nothing is left to sort."""
    for k in range(len(starts) - 1):
        lines = dealt[starts[k] : starts[k + 1]]
        for i in range(1, len(lines)):
            if moment[lines[i]] < moment[lines[i - 1]]:
                lines[:] = lines[np.argsort(moment[lines], kind="mergesort")]
                break
