"""Text columns, dictionary-encoded once: a look at an id, a date or a number written as text is a look at its words."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.errors import DataError
from features.orders.arrow import decoded, kind_of, useless

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]
Scalar = TypeVar("Scalar", bound=np.generic)

MISSING = pa.array(["", "nan", "NaN", "NAN", "NaT", "<NA>", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None"])


@dataclass(frozen=True, slots=True)
class Coded:
    """A text column: int32 `codes` into the distinct `words` (a large_string array); -1 is missing."""

    codes: Codes
    words: pa.LargeStringArray

    def rows(self, which: Mask | npt.NDArray[np.int64]) -> "Coded":
        """The rows where a mask is true, or at these positions, with only the words they use."""
        return _compact(self.codes[which], self.words)

    def spread(self, values: npt.NDArray[Scalar], missing: object) -> npt.NDArray[Scalar]:
        """One value a word, spread over the rows; `missing` where there is no word."""
        return np.append(values, np.array([missing], dtype=values.dtype))[self.codes]

    def series(self) -> pd.Series:
        """The column as pandas `str`, null where missing."""
        codes = pa.array(self.codes, mask=self.codes < 0)
        return pd.Series(self.words.take(codes), dtype=pd.StringDtype("pyarrow", na_value=np.nan))


def encode(name: str, column: pa.ChunkedArray) -> Coded:
    """Encode a text column; whole numbers become their decimal text, blank and stand-in words are missing.

    Raises `DataError` for decimal numbers: an id read as a float has lost digits.
    """
    if pa.types.is_floating(kind_of(column)):
        column = _refuse_floats(name, decoded(column))
    try:
        coded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
        whole = coded.unify_dictionaries().combine_chunks()
        words = whole.dictionary.cast(pa.large_string()).dictionary_encode()
    except pa.ArrowException as error:
        raise useless(name, f"{column.type} ({error})") from error
    missing = pc.is_in(pc.utf8_trim_whitespace(words.dictionary), MISSING.cast(pa.large_string()))
    new = np.append(_codes(words.indices), np.int32(-1))[_codes(whole.indices)]
    gone = np.append(missing.to_numpy(zero_copy_only=False), True)[new]
    return _compact(np.where(gone, np.int32(-1), new), words.dictionary)


def coded(column: pa.ChunkedArray) -> Coded:
    """Encode a column that is clean: every value that is not null is a word, blank or not."""
    whole = (column if pa.types.is_dictionary(column.type) else column.dictionary_encode()).unify_dictionaries()
    array = whole.combine_chunks()
    return _compact(_codes(array.indices), array.dictionary.cast(pa.large_string()))


def _codes(indices: pa.Array) -> Codes:
    return np.asarray(indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False))


def _compact(codes: Codes, words: pa.LargeStringArray) -> Coded:
    used = np.bincount(codes + 1, minlength=len(words) + 1)[1:] > 0
    if used.all():
        return Coded(codes, words)
    new = np.append(np.cumsum(used, dtype=np.int32) - 1, np.int32(-1))
    return Coded(new[codes].astype(np.int32, copy=False), words.filter(pa.array(used)))


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
