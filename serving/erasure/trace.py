"""Whether a file names a customer: in its cells, its dictionaries, its statistics or its bytes."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from serving.erasure.who import Who


def trace(path: Path, who: Who) -> str | None:
    """Where a file names a customer, in words; None where it does not.

    Parquet and Arrow files are decoded, for what is compressed cannot be found
    among the bytes: every text column, with the entries of its dictionary that
    no row uses any more, and the statistics of each row group. Damaged ones are
    looked through as they are.
    """
    name = path.name.lower()
    try:
        if name.endswith(".parquet"):
            return _in_parquet(path, who) or _in_decoded(path, who)
        if name.endswith((".arrow", ".feather")):
            return _in_arrow(path, who) or _in_decoded(path, who)
        if name.endswith(".gz"):
            return _in_text(gzip.decompress(path.read_bytes()), name.removesuffix(".gz"), who)
    except (pa.ArrowException, OSError, EOFError, zlib.error, ValueError):
        pass
    return _in_text(path.read_bytes(), name, who)


def _in_parquet(path: Path, who: Who) -> str | None:
    with pq.ParquetFile(path) as plain:
        if found := _in_statistics(plain.metadata, who):
            return found
        texts = [field.name for field in plain.schema_arrow if _may_hold_text(field.type)]
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        for number in range(file.num_row_groups):
            if found := _in_table(file.read_row_group(number, columns=texts), who):
                return found
    return None


def _in_statistics(written: pq.FileMetaData, who: Who) -> str | None:
    exact = who.columns(written.schema.names)
    for group in range(written.num_row_groups):
        for at in range(written.num_columns):
            column = written.row_group(group).column(at)
            known = column.statistics if column.is_stats_set and column.path_in_schema in exact else None
            if known and known.has_min_max and (who.named(known.min) or who.named(known.max)):
                return f"the statistics of column {column.path_in_schema}"
    return None


def _in_arrow(path: Path, who: Who) -> str | None:
    with pa.memory_map(str(path)) as source:
        reader = pa.ipc.open_file(source)
        for number in range(reader.num_record_batches):
            if found := _in_table(pa.Table.from_batches([reader.get_batch(number)]), who):
                return found
    return None


def _in_table(table: pa.Table, who: Who) -> str | None:
    exact = who.columns(table.column_names)
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not _may_hold_text(column.type):
            continue
        if any((name in exact and who.named(text)) or who.within(text) for text in _texts(column)):
            return f"column {name}"
    return None


def _may_hold_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(check(kind) for check in text) or pa.types.is_nested(kind)


def _texts(column: pa.ChunkedArray) -> Iterator[str]:
    """Every distinct text of a column; of a dictionary also what no row uses."""
    for chunk in column.chunks:
        words = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        if pa.types.is_nested(words.type):
            yield from (json.dumps(value, default=str, ensure_ascii=False) for value in words.to_pylist())
        else:
            yield from (text for text in words.unique().to_pylist() if text is not None)


def _in_text(data: bytes, name: str, who: Who) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _in_bytes(data, who)
    if name.endswith(".csv") and in_csv(text, who):
        return "a cell"
    if name.endswith((".html", ".htm")):
        return "the page" if who.shown(text) else None
    if name.endswith(".json") and _in_json(text, who):
        return "a value"
    return "the text" if who.within(text) else None


def in_csv(text: str, who: Who) -> list[int]:
    """The lines of a CSV table whose cells name the customer, counted from the header as 0."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    header = [name.removeprefix("\ufeff") for name in rows[0]] if rows else []  # Excel's byte order mark
    at = [header.index(name) for name in who.columns(header)] if len(set(header)) == len(header) else None
    cells = ([row[k] for k in at if k < len(row)] if at else row for row in rows)
    return [line for line, row in enumerate(cells) if any(map(who.named, row))]


def _in_json(text: str, who: Who) -> bool:
    """Whether a value or a key is a name; the log of a Delta table has one object a line, with JSON in JSON."""
    found = []
    for part in (text, *text.splitlines()):
        try:
            found.append(_values(json.loads(part), who))
        except (ValueError, RecursionError):
            continue
    return any(found)


def _values(value: Any, who: Who) -> bool:
    if isinstance(value, dict):
        return any(who.named(key) or _values(entry, who) for key, entry in value.items())
    if isinstance(value, list):
        return any(_values(entry, who) for entry in value)
    if isinstance(value, str) and value[:1] in ("{", "["):
        return _in_json(value, who)
    return who.named(value)


def _in_decoded(path: Path, who: Who) -> str | None:
    return "the bytes" if who.long_among(path.read_bytes()) else None


def _in_bytes(data: bytes, who: Who) -> str | None:
    return "the bytes" if who.among(data) else None
