"""A pandas column as Arrow, whatever backs it; how Arrow's types are told apart."""

import pandas as pd
import pyarrow as pa

from features.errors import DataError


def to_arrow(column: pd.Series) -> pa.ChunkedArray:
    """The values of a pandas column in Arrow, whatever backs it; odd Python objects become text.

    Raises `DataError` for what Arrow has no type for, and for text that is not Unicode.
    """
    plain = {"string", "bytes", "integer", "floating", "mixed-integer-float", "boolean", "decimal", "empty"}
    try:
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            instants = pa.array(column.dt.tz_convert(None), from_pandas=True)
            return pa.chunked_array([instants.cast(pa.timestamp(column.dtype.unit, "UTC"))])
        if column.dtype == object and pd.api.types.infer_dtype(column, skipna=True) not in plain:
            column = column.map(str, na_action="ignore")
        array = pa.array(column, from_pandas=True)
        array = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
        stored = array.type.storage_type if isinstance(array.type, pa.BaseExtensionType) else array.type
        return array.cast(without_views(stored))
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise useless(str(column.name), f"{column.dtype} ({error})") from error


def without_views(kind: pa.DataType) -> pa.DataType:
    """The type that holds the same as a view (Polars hands out views), which neither `take` nor pandas knows."""
    return {pa.string_view(): pa.large_string(), pa.binary_view(): pa.large_binary()}.get(kind, kind)


def useless(name: str, got: object, remedy: str = "write the column as text, numbers or times") -> DataError:
    """The error for a column of a type nothing can be read from."""
    return DataError(f"the column {name} holds values of a type that is of no use here", got=got, remedy=remedy)


def decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without its dictionary, if it has one."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def kind_of(column: pa.ChunkedArray) -> pa.DataType:
    """Type of the values, whether they stand in a dictionary or not."""
    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def is_text(kind: pa.DataType) -> bool:
    """Whether values of this type are text, or bytes that may be text."""
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(check(kind) for check in (*text, pa.types.is_binary, pa.types.is_large_binary))
