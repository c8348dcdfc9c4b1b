"""Words that may stand several times: for a column of which only neighbouring lines are ever compared.

A dictionary of all order ids would be as long as the log, and each look at it a wait
for memory. This one forgets.
"""

from bisect import bisect_left

import numpy as np
import pyarrow as pa

from features.compiled import kernel
from features.orders.words import Bytes, Codes, Mask, Places, buffers, hash_of, same

_REMEMBERED = 1 << 12


class LooseWords:
    """Words in the order in which they came; one that comes back after others may get a new code."""

    def __init__(self) -> None:
        self._pieces, self._ends = [pa.array([], pa.large_string())], [0]

    def codes(self, column: pa.LargeStringArray) -> Codes:
        """The code of each row's word, -1 for null. Rows of one code hold one word."""
        filled = column.fill_null("")
        codes, new = np.empty(len(column), np.int32), np.zeros(len(column), bool)
        places, letters = buffers(filled)
        _look_back((letters, places), codes, new, np.zeros(_REMEMBERED, np.int32))
        codes += np.int32(self._ends[-1])
        if column.null_count:
            codes[column.is_null().to_numpy(zero_copy_only=False)] = -1
        self._pieces.append(filled.filter(pa.array(new)))
        self._ends.append(self._ends[-1] + len(self._pieces[-1]))
        return codes

    def array(self, known: int = 0) -> pa.LargeStringArray:
        """The words that came since there were `known` of them."""
        empty, *pieces = self._pieces
        return pa.concat_arrays([empty, *pieces[bisect_left(self._ends, known) :]])


@kernel
def _look_back(column: tuple[Bytes, Places], codes: Codes, new: Mask, latest: Codes) -> None:
    """Code the rows from 0 on; a row has the code of the one before it, the `latest` of its hash, or a new one."""
    letters, places = column
    words = 0
    for row in range(len(codes)):
        word = letters[places[row] : places[row + 1]]
        like = row - 1
        if row == 0 or not same(word, letters[places[like] : places[row]]):
            at = np.int64(hash_of(word)) & (_REMEMBERED - 1)
            like, latest[at] = latest[at], row
            new[row] = like == row or not same(word, letters[places[like] : places[like + 1]])
        codes[row] = words if new[row] else codes[like]
        words += new[row]
