"""Distinct words and where they stand: text becomes codes by one compiled look-up a row.

Arrow's dictionaries of batches that are read one after the other would have to be
unified in the end, which costs more than reading. This one grows as batches come.
"""

from typing import TypeVar

import numba
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.compiled import kernel

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]
Slots = npt.NDArray[np.uint64]
Known = tuple[Slots, Places, Bytes, Places]

Number = TypeVar("Number", bound=np.generic)

_BLOCK = 64
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)


class Words:
    """Distinct words in the order in which they first came."""

    def __init__(self) -> None:
        self._count = np.zeros(1, np.int64)
        self._places = np.zeros(1 << 10, np.int64)
        self._bytes = np.empty(1 << 14, np.uint8)
        self._slots = np.zeros(1 << 11, np.uint64)

    def codes(self, column: pa.LargeStringArray) -> Codes:
        """The code of each row's word, new words added; -1 for null."""
        places, letters = buffers(column)
        codes, hashes = np.empty(len(column), np.int32), np.empty(_BLOCK, np.uint64)
        row = 0
        while (row := _look_up((letters, places), codes, row, self._known, hashes)) < len(codes):
            self._grow(int(places[row + 1] - places[row]))
        if column.null_count:
            codes[column.is_null().to_numpy(zero_copy_only=False)] = -1
        return codes

    def array(self, known: int = 0) -> pa.LargeStringArray:
        """The words that came since there were `known` of them."""
        number = int(self._count[0])
        places, letters = self._places[: number + 1], self._bytes[: self._places[number]]
        return pa.LargeStringArray.from_buffers(number, pa.py_buffer(places), pa.py_buffer(letters))[known:]

    @property
    def _known(self) -> Known:
        return self._slots, self._places, self._bytes, self._count

    def _grow(self, size: int) -> None:
        """Make room for at least one more word of `size` bytes: what is full doubles."""
        number = int(self._count[0])
        if number + 1 >= len(self._places):
            self._places = _doubled(self._places)
        if self._places[number] + size > len(self._bytes):
            self._bytes = _doubled(self._bytes, size)
        if 2 * number >= len(self._slots):
            self._slots = _spread(self._slots)


@numba.njit(cache=True, nogil=True)
def mark(codes: Codes, used: Mask) -> None:
    """Set `used` of each code to true; -1 marks nothing."""
    for code in codes:
        if code >= 0:
            used[code] = True


def in_order_of_use(codes: Codes, words: pa.LargeStringArray) -> tuple[Codes, pa.LargeStringArray]:
    """The same rows with the words that they use in the order of their first rows; -1 stays."""
    new, used = np.full(len(words), -1, np.int32), np.empty(len(words), np.int32)
    numbered = np.empty_like(codes)
    count = _number_anew(codes, new, used, numbered)
    return numbered, words.take(pa.array(used[:count]))


def buffers(column: pa.LargeStringArray) -> tuple[Places, Bytes]:
    """Where each word begins and ends, shape (rows + 1,), and the bytes of all."""
    _, places, letters = column.buffers()
    if len(column) == 0 or places is None:
        return np.zeros(len(column) + 1, np.int64), np.empty(0, np.uint8)
    begin = column.offset
    ends = np.frombuffer(places, np.int64)[begin : begin + len(column) + 1]
    return ends, np.frombuffer(letters, np.uint8) if letters is not None else np.empty(0, np.uint8)


def _doubled(values: npt.NDArray[Number], more: int = 0) -> npt.NDArray[Number]:
    return np.concatenate([values, np.empty(len(values) + more, values.dtype)])


@numba.njit(cache=True, nogil=True)
def _number_anew(codes: Codes, new: Codes, used: Codes, numbered: Codes) -> int:
    """Number words as they come: `new` by old code, `used` by new one; how many there are."""
    count = 0
    for row, code in enumerate(codes):
        if code >= 0 and new[code] < 0:
            new[code], used[count] = count, code
            count += 1
        numbered[row] = new[code] if code >= 0 else -1
    return count


@kernel
def _look_up(column: tuple[Bytes, Places], codes: Codes, row: int, known: Known, hashes: Slots) -> int:
    """Code the rows from `row` on; the row at which there was no more room, or the number of rows.

    A row like the one before it, as the lines of one order are, needs no look-up. `hashes` is to work with.
    """
    letters, places = column
    while row < len(codes):
        block = min(_BLOCK, len(codes) - row)
        if _fetch(letters, places[row : row + block + 1], hashes, known) < 0:
            return row  # never: asked so that the compiler keeps the reads
        for k in range(block):
            word = letters[places[row] : places[row + 1]]
            if row and same(word, letters[places[row - 1] : places[row]]):
                codes[row] = codes[row - 1]
            else:
                code = _code(word, hashes[k], known)
                if code < 0:
                    return row
                codes[row] = code
            row += 1
    return row


@kernel
def _fetch(letters: Bytes, places: Places, hashes: Slots, known: Known) -> np.int64:
    """Hash the words of a block, and touch what their look-up will need: the waits for memory overlap."""
    slots, starts, words, _ = known
    touched = np.int64(0)
    for k in range(len(places) - 1):
        hashes[k] = hash_of(letters[places[k] : places[k + 1]])
    for k in range(len(places) - 1):
        touched += np.int64(slots[_first_slot(hashes[k], len(slots))] & _LOW)
    for k in range(len(places) - 1):
        code = np.int64(slots[_first_slot(hashes[k], len(slots))] & _LOW) - 1
        touched += np.int64(words[starts[np.maximum(code, 0)]])
    return touched


@kernel
def _code(word: Bytes, mixed: np.uint64, known: Known) -> np.int64:
    """The code of a word, added if it is new; -1 if there is no room for it.

    A slot holds 32 bits of a word's hash, and its code + 1; 0 is free.
    """
    slots, starts, words, count = known
    at = _first_slot(mixed, len(slots))
    while slots[at]:
        code = np.int64(slots[at] & _LOW) - 1
        if slots[at] >> _HALF == mixed and same(word, words[starts[code] : starts[code + 1]]):
            return code
        at = (at + 1) & (len(slots) - 1)
    code = count[0]
    filled = starts[code] + len(word)
    if code + 1 >= len(starts) or filled > len(words) or 2 * code >= len(slots):
        return np.int64(-1)
    for k in range(len(word)):
        words[starts[code] + k] = word[k]
    slots[at] = (mixed << _HALF) | np.uint64(code + 1)
    starts[code + 1], count[0] = filled, code + 1
    return np.int64(code)


@kernel
def same(one: Bytes, other: Bytes) -> bool:
    """Whether two words are the same."""
    alike = len(one) == len(other)
    at = 0
    while alike and at < len(one):
        alike = one[at] == other[at]
        at += 1
    return alike


@kernel
def hash_of(word: Bytes) -> np.uint64:
    """FNV-1a over the bytes, its halves folded into 32 bits."""
    mixed = np.uint64(14695981039346656037)
    for letter in word:
        mixed = (mixed ^ np.uint64(letter)) * np.uint64(1099511628211)
    return (mixed >> _HALF) ^ (mixed & _LOW)


@kernel
def _first_slot(mixed: np.uint64, slots: int) -> np.int64:
    return np.int64((mixed * np.uint64(2654435769)) & _LOW) & (slots - 1)


@numba.njit(cache=True, nogil=True)
def _spread(slots: Slots) -> Slots:
    """The same words in a table twice as large; their hashes stand in the slots."""
    wider = np.zeros(2 * len(slots), np.uint64)
    for slot in slots:
        if slot:
            at = _first_slot(slot >> _HALF, len(wider))
            while wider[at]:
                at = (at + 1) & (len(wider) - 1)
            wider[at] = slot
    return wider
