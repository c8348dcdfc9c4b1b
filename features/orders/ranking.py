"""Words in ascending order."""

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from features.orders.words import Bytes, Codes, Places, Slots, buffers

_WIDTH = 8
"""Bytes of a key."""


def ranked(words: pa.LargeStringArray) -> tuple[pa.LargeStringArray, Codes]:
    """Distinct words in ascending order of code points, and the place of each in it."""
    order = _order(words)
    place = np.empty(len(words), np.int32)
    place[order] = np.arange(len(words), dtype=np.int32)
    return words.take(pa.array(order)), place


def _order(words: pa.LargeStringArray) -> npt.NDArray[np.integer]:
    """Ids differ in a few bytes after what all share, so that numbers can be sorted in place of text; else text is.

    A word that goes on with the byte 0 has the key of the shorter one, which leaves the order open.
    """
    places, letters = buffers(words)
    keys = np.zeros(len(words), np.uint64)
    if _keyed(letters, places, keys):
        order = np.argsort(keys)
        if (np.diff(keys[order]) > 0).all():
            return order
    return np.asarray(pc.array_sort_indices(words).to_numpy())


@numba.njit(cache=True, nogil=True)
def _keyed(letters: Bytes, places: Places, keys: Slots) -> bool:
    """Make a number of what follows the bytes that all words share; whether the numbers hold it all."""
    shared = _shared(letters, places)
    for k in range(len(keys)):
        begin, end = places[k] + shared, places[k + 1]
        if end - begin > _WIDTH:
            return False
        for at in range(begin, begin + _WIDTH):
            keys[k] = (keys[k] << np.uint64(8)) | np.uint64(letters[at] if at < end else 0)
    return True


@numba.njit(cache=True, nogil=True)
def _shared(letters: Bytes, places: Places) -> int:
    """Bytes with which all words begin."""
    shared = places[1] - places[0] if len(places) > 1 else 0
    for k in range(1, len(places) - 1):
        shared = min(shared, places[k + 1] - places[k])
        at = 0
        while at < shared and letters[places[k] + at] == letters[places[0] + at]:
            at += 1
        shared = at
    return shared
