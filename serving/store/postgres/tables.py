"""The tables, and a week in the types that they have."""

import re
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from serving.contract import ALWAYS, COLUMNS, PROBABILITIES, SCHEMA

ROWS = ", ".join(("place", *COLUMNS))
"""The columns of a row: its number in the week, then the contract's."""

_TYPES = {pa.string(): "text", pa.float64(): "double precision", pa.int64(): "bigint"}


def statements() -> list[str]:
    """What makes the tables where they are missing.

    An id may be longer than an index entry, so a week's rows are numbered, and
    the index that keeps ids apart is one of their SHA-256. The server keeps no
    samples of ids as its statistics: nobody who is forgotten would leave those.
    """
    return [
        f"CREATE TABLE IF NOT EXISTS scores (place integer NOT NULL, {_columns()}, PRIMARY KEY (as_of, place))",
        "CREATE UNIQUE INDEX IF NOT EXISTS scores_once ON scores (as_of, sha256(decode(customer_id, 'escape')))",
        "CREATE INDEX IF NOT EXISTS scores_customer ON scores USING hash (customer_id)",
        "CREATE TABLE IF NOT EXISTS scores_replaced "
        f"(version bigint NOT NULL, place integer NOT NULL, {_columns()}, PRIMARY KEY (as_of, version, place))",
        "CREATE TABLE IF NOT EXISTS receipts "
        "(as_of date NOT NULL, version bigint NOT NULL, receipt json NOT NULL, PRIMARY KEY (as_of, version))",
        "CREATE TABLE IF NOT EXISTS documents "
        "(kind text NOT NULL, as_of date NOT NULL, document json NOT NULL, PRIMARY KEY (kind, as_of))",
        "ALTER TABLE scores ALTER COLUMN customer_id SET STATISTICS 0",
        "ALTER TABLE scores_replaced ALTER COLUMN customer_id SET STATISTICS 0",
        "ALTER INDEX scores_once ALTER COLUMN 2 SET STATISTICS 0",
        *(f"COMMENT ON COLUMN scores.{name} IS $${meaning}$$" for name, (_, meaning) in COLUMNS.items()),
    ]


def _columns() -> str:
    checks = {name: f" CHECK ({name} BETWEEN 0 AND 1)" for name in PROBABILITIES}
    never = dict.fromkeys(ALWAYS, " NOT NULL")
    return ", ".join(
        f"{name} {_type(kind)}{never.get(name, '')}{checks.get(name, '')}" for name, (kind, _) in COLUMNS.items()
    )


def _type(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind):
        return "date"
    return "timestamp" if pa.types.is_timestamp(kind) else _TYPES[kind]


def numbered(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows as `INCOMING` says, texts without NUL."""
    first = 0
    for batch in batches:
        place = pa.array(range(first, first + len(batch)), pa.int32())
        first += len(batch)
        yield pa.RecordBatch.from_arrays([place, *map(_sent, batch.columns)], schema=INCOMING)


def _sent_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return pa.date32()
    return pa.timestamp("us") if pa.types.is_timestamp(kind) else kind


INCOMING = pa.schema([("place", pa.int32()), *((field.name, _sent_type(field.type)) for field in SCHEMA)])
"""What is sent to PostgreSQL: rows numbered from 0, the cut-off as a date."""


def _sent(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return column.dictionary_decode().cast(pa.date32())
    return escaped(column) if pa.types.is_string(column.type) else column.cast(_sent_type(column.type))


def contracted(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """What PostgreSQL sent, with the contract's types."""
    schema = pa.schema([SCHEMA.field(name) for name in columns])
    return pa.RecordBatch.from_arrays([_received(batch[field.name], field.type) for field in schema], schema=schema)


def _received(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return column.cast(pa.string()).dictionary_encode()
    return unescaped(column) if pa.types.is_string(kind) else column.cast(kind)


def escaped(texts: pa.Array) -> pa.Array:
    r"""Texts in PostgreSQL's own `escape` format: a backslash is `\\` and NUL is `\000`; `decode` there undoes it."""
    return pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), "\0", "\\000")


def unescaped(texts: pa.Array) -> pa.Array:
    """The texts that `escaped` was given."""
    if not pc.any(pc.match_substring(texts, "\\")).as_py():
        return texts
    meant = {"\\\\": "\\", "\\000": "\0"}
    plain = (text and re.sub(r"\\\\|\\000", lambda found: meant[found[0]], text) for text in texts.to_pylist())
    return pa.array(plain, pa.string())
