"""Numbered ids as Arrow text, many at a time."""

import numpy as np
import pyarrow as pa

from features.fixed import Ints

CUSTOMER_DIGITS, NUMBER_DIGITS = 8, 4


def numbered(letter: str, number: Ints, second: Ints | None = None) -> pa.Array:
    """Ids such as `c00000042` or, with a second number, `o00000042-0003`; all of one length, so they sort by number."""
    parts = [_constant(letter, len(number)), _digits(number, CUSTOMER_DIGITS)]
    if second is not None:
        parts += [_constant("-", len(number)), _digits(second, NUMBER_DIGITS)]
    letters = np.ascontiguousarray(np.hstack(parts))
    offsets = np.arange(len(number) + 1, dtype=np.int32) * np.int32(letters.shape[1])
    return pa.StringArray.from_buffers(len(number), pa.py_buffer(offsets), pa.py_buffer(letters))


def _constant(letter: str, rows: int) -> np.ndarray:
    return np.full((rows, 1), ord(letter), dtype=np.uint8)


def _digits(number: Ints, digits: int) -> np.ndarray:
    powers = 10 ** np.arange(digits - 1, -1, -1)
    return (number[:, None] // powers % 10 + ord("0")).astype(np.uint8)
