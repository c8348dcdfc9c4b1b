"""Yes or no, in the words people use."""

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from features.orders.arrow import decoded
from features.orders.coded import Mask, encode

NOT_A_FLAG = "is neither yes nor no"
FLAGS = {"true": 1, "t": 1, "yes": 1, "y": 1, "1": 1, "false": 0, "f": 0, "no": 0, "n": 0, "0": 0}


def parse_flags(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int8], Mask]:
    """1 for yes, 0 for no, -1 where missing or unreadable, and which are unreadable."""
    column = decoded(column)
    if pa.types.is_boolean(column.type):
        told = column.cast(pa.int8()).fill_null(-1).to_numpy()
        return told, np.zeros(len(told), bool)
    if pa.types.is_floating(column.type):
        column = column.cast(pa.string())
    coded = encode("is_return", column)
    words = (re.sub(r"\.0$", "", word.strip().lower()) for word in coded.words.to_pylist())
    values = np.array([FLAGS.get(word, -1) for word in words], dtype=np.int8)
    return coded.spread(values, -1), coded.spread(values < 0, False)
