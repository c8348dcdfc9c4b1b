"""Raw rows, a batch at a time: values as the source holds them, under canonical names."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pandas.api.types import is_scalar

from features.orders.arrow import decoded, to_arrow
from features.orders.coded import Mask

Cells = list[str | None]


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Some rows of the input.

    Attributes:
        places: position of each row in the input, from 0.
        table: the columns; of no matter where the batch is only to be counted and shown, as a frame.
        frame: the same rows, if they come from a pandas frame, whose cells are shown as they are.
    """

    places: npt.NDArray[np.int64]
    table: pa.Table
    frame: pd.DataFrame | None = None

    def __len__(self) -> int:
        return len(self.places)

    @property
    def names(self) -> list[str]:
        """The canonical columns that the input has."""
        return self.table.column_names if self.frame is None else [str(name) for name in self.frame.columns]

    def head(self, rows: int) -> "RawBatch":
        """A copy of the first rows."""
        table = self.table.take(pa.array(np.arange(min(rows, len(self.table)))))
        return RawBatch(self.places[:rows], table, None if self.frame is None else self.frame.head(rows))

    def where(self, keep: Mask) -> "RawBatch":
        """The rows where `keep`."""
        frame = None if self.frame is None else self.frame[keep]
        return RawBatch(self.places[keep], self.table.filter(pa.array(keep)), frame)

    def cells(self, name: str, rows: npt.NDArray[np.int64]) -> Cells:
        """Raw cells of a column as text, None where missing; `rows` count from the first row of the batch."""
        if self.frame is not None:
            return as_text(self.frame[name].iloc[rows])
        return as_text(_series(decoded(self.table.column(name).take(pa.array(rows)))))


def whole(frame: pd.DataFrame) -> RawBatch:
    """All rows of a frame with canonical names, to be counted and shown."""
    return RawBatch(np.arange(len(frame)), pa.table({}), frame)


def of_tables(tables: Iterator[pa.Table]) -> Iterator[RawBatch]:
    """Batches of tables that follow one another."""
    first = 0
    for table in tables:
        yield RawBatch(np.arange(first, first + len(table)), table)
        first += len(table)


def of_frame(frame: pd.DataFrame, lines: int) -> Iterator[RawBatch]:
    """Batches of so many lines of a frame with canonical names."""
    table = pa.table({str(name): to_arrow(frame[name]) for name in frame.columns})
    for first in range(0, len(frame), lines):
        rows = np.arange(first, min(first + lines, len(frame)))
        yield RawBatch(rows, table.slice(first, lines), frame.iloc[first : first + lines])


def as_text(cells: pd.Series) -> Cells:
    """Raw cells as text, None where missing."""
    return [None if is_scalar(cell) and pd.isna(cell) else str(cell) for cell in cells]


def _series(column: pa.ChunkedArray) -> pd.Series:
    return pd.Series(column, dtype=pd.ArrowDtype(column.type))
