"""Text columns, dictionary-encoded once: a look at an id, a date or a number written as text is a look at its words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.errors import DataError
from features.orders.arrow import decoded, is_text, kind_of, useless
from features.orders.loose import LooseWords
from features.orders.words import Words, buffers, mark

Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)

MISSING = pa.array(["", "nan", "NaN", "NAN", "NaT", "<NA>", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None"])
LONGEST_MISSING = 4


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column: int32 `codes` into the `words` (a large_string array); -1 is missing.

    The words are distinct, except in a loose column: there rows of one code hold one
    word, but rows of different codes may hold the same.
    """

    codes: Codes
    words: pa.LargeStringArray

    def rows(self, which: Mask | npt.NDArray[np.int64]) -> "Coded":
        """The rows where a mask is true, or at these positions, with only the words they use."""
        return compact(self.codes[which], self.words)

    def spread(self, values: npt.NDArray[Scalar], missing: object) -> npt.NDArray[Scalar]:
        """One value a word, spread over the rows; `missing` where there is no word."""
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]

    def series(self) -> pd.Series:
        """The column as pandas `str`, null where missing."""
        codes = pa.array(self.codes, mask=self.codes < 0)
        return pd.Series(self.words.take(codes), dtype=pd.StringDtype("pyarrow", na_value=np.nan))


def compact(codes: Codes, words: pa.LargeStringArray) -> Coded:
    """A column with only the words it uses."""
    used = np.zeros(len(words), bool)
    mark(codes, used)
    if used.all():
        return Coded(codes, words)
    new = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(-1))
    return Coded(new[codes].astype(np.int32, copy=False), words.filter(pa.array(used)))


def joined(columns: Sequence[Coded]) -> Coded:
    """The rows of several columns, one after the other, with the words they use, each once."""
    words = Words()
    parts = [np.append(words.codes(column.words), np.int32(-1))[column.codes] for column in columns]
    return compact(np.concatenate(parts), words.array())


def loosely_joined(columns: Sequence[Coded]) -> Coded:
    """The same, but a word stands once for each column that uses it: nothing is looked up."""
    ends = np.cumsum([len(column.words) for column in columns], dtype=np.int32)
    begins = [end - np.int32(len(column.words)) for end, column in zip(ends, columns, strict=True)]
    parts = [np.where(c.codes < 0, np.int32(-1), c.codes + begin) for c, begin in zip(columns, begins, strict=True)]
    return compact(np.concatenate(parts), pa.concat_arrays([column.words for column in columns]))


class Encoder:
    """Encodes a text column, at once or batch by batch; whole numbers become their decimal text.

    Args:
        name: the column, for errors.
        strict: whether blank and stand-in words are missing; otherwise only nulls are.
        loose: whether a word may have several codes, see `Coded`.
    """

    def __init__(self, name: str, strict: bool = True, loose: bool = False) -> None:
        self._name, self._strict = name, strict
        self._words: Words | LooseWords = LooseWords() if loose else Words()
        self._missing = np.zeros(0, bool)

    def codes(self, column: pa.ChunkedArray) -> Codes:
        """Codes of the next batch, -1 where missing.

        Raises `DataError` for decimal numbers: an id read as a float has lost digits.
        """
        if pa.types.is_floating(kind_of(column)):
            column = _refuse_floats(self._name, decoded(column))
        try:
            codes = self._look_up(column.chunks)
        except pa.ArrowException as error:
            raise useless(self._name, f"{column.type} ({error})") from error
        return self._without_missing(codes) if self._strict else codes

    def coded(self, codes: Codes) -> Coded:
        """A column of codes that were given out here, with the words it uses."""
        return compact(codes, self._words.array())

    def _look_up(self, chunks: Sequence[pa.Array]) -> Codes:
        """Chunks of one row group share a dictionary, which is looked up once."""
        parts, known, spread = [np.empty(0, np.int32)], None, np.empty(0, np.int32)
        for chunk in chunks:
            if is_text(chunk.type):
                parts.append(self._words.codes(chunk.cast(pa.large_string())))
                continue
            coded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
            if known is None or not _same_memory(known, coded.dictionary):
                known = coded.dictionary
                spread = np.append(self._words.codes(known.cast(pa.large_string())), np.int32(-1))
            parts.append(spread[coded.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)])
        return np.concatenate(parts)

    def _without_missing(self, codes: Codes) -> Codes:
        self._missing = np.append(self._missing, _stand_in(self._words.array(known=len(self._missing))))
        return np.where(np.append(self._missing, True)[codes], np.int32(-1), codes) if self._missing.any() else codes


def encode(name: str, column: pa.ChunkedArray, strict: bool = True) -> Coded:
    """Encode a whole text column; see `Encoder`. Raises what it raises."""
    encoder = Encoder(name, strict)
    return encoder.coded(encoder.codes(column))


def coded(column: pa.ChunkedArray) -> Coded:
    """Encode a column that is clean: every value that is not null is a word, blank or not."""
    return encode("", column, strict=False)


def _stand_in(words: pa.LargeStringArray) -> Mask:
    """Which words stand for nothing. Long ones between visible letters of ASCII need no closer look."""
    places, letters = buffers(words)
    begin, end = places[:-1], places[1:]
    doubtful = end - begin <= LONGEST_MISSING
    long = np.flatnonzero(~doubtful)
    for edge in (letters[begin[long]], letters[end[long] - 1]):
        doubtful[long] |= (edge <= ord(" ")) | (edge > ord("~"))
    closer = np.flatnonzero(doubtful)
    trimmed = pc.utf8_trim_whitespace(words.take(pa.array(closer)))
    found = np.zeros(len(words), bool)
    found[closer] = pc.is_in(trimmed, MISSING.cast(pa.large_string())).to_numpy(zero_copy_only=False)
    return found


def _same_memory(one: pa.Array, other: pa.Array) -> bool:
    here, there = ([None if buffer is None else buffer.address for buffer in array.buffers()] for array in (one, other))
    return here == there and (one.offset, len(one)) == (other.offset, len(other))


def _refuse_floats(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A float column is let through only if it holds nothing at all."""
    values = column.to_numpy()
    values = values[~np.isnan(values)]
    if not len(values):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    whole = bool(np.isfinite(values).all() and (values == np.floor(values)).all())
    raise DataError(
        f"{name} holds decimal numbers, "
        + ("as pandas makes of whole numbers when some are missing" if whole else "and an id read as one loses digits"),
        got=f"{column.type}, first value {values[0]}",
        allowed="text or whole numbers",
        remedy=f'read the column as text, for example dtype={{"{name}": str}}'
        + (', or turn it back with .astype("Int64")' if whole else ""),
    )
