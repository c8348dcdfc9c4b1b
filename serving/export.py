"""A week as a file for those who work with spreadsheets and campaign tools: CSV that is safe to open, or Parquet."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from features.errors import UsageError
from features.files import growing_file
from serving.contract import COLUMNS, SCHEMA
from serving.store import Store

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # without it Excel takes UTF-8 for the local code page
_DANGEROUS = r"^(?:[\p{Z}\p{C}]*[=+\-@＝＋－＠]|[\t\r\n]|')"  # noqa: RUF001  # full-width signs begin formulas, too


def export(
    store: Store, as_of: str, path: Path, columns: Sequence[str] | None = None, version: int | None = None
) -> int:
    """Write a published week to a file, whole or not at all; the number of its rows.

    Args:
        store: where it is published.
        as_of: its cut-off.
        path: `.csv` or `.parquet`. Parquet holds ids and texts as they are. In
            CSV a text that a spreadsheet would take for a formula begins with
            an apostrophe (see `guarded`); it is UTF-8 with a byte order mark.
        columns: those of the score table that are wanted, in this order; all by default.
        version: one that was replaced since.

    Raises:
        UsageError: the file is of another kind, or a column is none of the score table's.
        DataError: there is no such week or version.
    """
    write = {".csv": _csv, ".parquet": _parquet}.get(path.suffix.lower())
    if write is None:
        raise UsageError("scores are exported as CSV or as Parquet", got=path.name, allowed="FILE.csv or FILE.parquet")
    unknown = [name for name in columns or () if name not in COLUMNS]
    if unknown:
        raise UsageError("no such column of scores", got=", ".join(unknown), allowed=", ".join(COLUMNS))
    return write(store.read(as_of, columns, version), path, [SCHEMA.field(name) for name in columns or COLUMNS])


def guarded(texts: pa.Array) -> pa.Array:
    """Texts that no spreadsheet takes for a formula: an apostrophe before each that could be one.

    That is one that begins with `=`, `+`, `-`, `@` or their full-width forms,
    spaces and control characters before them aside, or with a tab or a line
    end (OWASP, "CSV Injection"); and one that begins with an apostrophe, so
    that taking off the first one always gives back the text.
    """
    return pc.if_else(pc.match_substring_regex(texts, _DANGEROUS), pc.binary_join_element_wise("'", texts, ""), texts)


def _csv(batches: Iterable[pa.RecordBatch], path: Path, fields: Sequence[pa.Field]) -> int:
    rows = 0
    schema = pa.schema([field.with_type(pa.string()) if _is_text(field.type) else field for field in fields])
    with growing_file(path) as file:
        file.write(_BYTE_ORDER_MARK)
        with csv.CSVWriter(file, schema, write_options=csv.WriteOptions(quoting_style="needed")) as writer:
            for batch in batches:
                rows += len(batch)
                writer.write_batch(
                    pa.RecordBatch.from_arrays([_plain(column) for column in batch.columns], schema=schema)
                )
    return rows


def _parquet(batches: Iterable[pa.RecordBatch], path: Path, fields: Sequence[pa.Field]) -> int:
    rows = 0
    with growing_file(path) as file, pq.ParquetWriter(file, pa.schema(fields)) as writer:
        for batch in batches:
            rows += len(batch)
            writer.write_batch(batch)
    return rows


def _plain(column: pa.Array) -> pa.Array:
    return guarded(column.cast(pa.string())) if _is_text(column.type) else column


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_dictionary(kind))
