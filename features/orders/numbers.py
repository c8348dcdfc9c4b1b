"""Numbers, as they are or written as text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.fixed import Floats
from features.orders.arrow import decoded, is_text, useless
from features.orders.coded import Mask, encode

NOT_A_NUMBER = "is not a number"
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"


def parse_numbers(name: str, column: pa.ChunkedArray) -> tuple[Floats, Mask]:
    """The values (NaN where missing or unreadable), and which are unreadable."""
    column = decoded(column)
    if is_text(column.type):
        coded = encode(name, column)
        trimmed = pc.utf8_trim_whitespace(coded.words)
        good = pc.match_substring_regex(trimmed, NUMBER)
        values = pc.if_else(good, pc.utf8_lower(trimmed), "nan").cast(pa.float64()).to_numpy()
        bad = ~good.to_numpy(zero_copy_only=False)
        return coded.spread(values, np.nan), coded.spread(bad, False)
    try:
        column = column.cast(pa.int8()) if pa.types.is_boolean(column.type) else column
        values = column.cast(pa.float64(), safe=False).to_numpy()
    except pa.ArrowException as error:
        raise useless(name, f"{column.type} ({error})", "write the column as numbers") from error
    return values, np.zeros(len(values), bool)
