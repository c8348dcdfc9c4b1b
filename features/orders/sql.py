"""Orders in a PostgreSQL database, streamed: the server sends no other columns and days than are asked for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from features.config import SourceConfig
from features.errors import DataError, UsageError
from features.orders.columns import choose, time_of
from features.orders.contract import COLUMNS
from features.orders.scan import Scan
from features.orders.span import Span

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Cursor

_SCHEMES = ("postgresql://", "postgres://")
_PLAIN = {"text", "varchar", "int2", "int4", "int8", "float4", "float8", "bool", "bytea"}
_KINDS = {
    **{column.name: column.kind for column in COLUMNS},
    **{"happened_at": "time", "known_at": "time", "kind": "text", "value": "number"},
}
_TIMES = {"timestamp", "timestamptz", "date"}


def is_database(source: str) -> bool:
    """Whether the text is the address of a database, and no path."""
    return source.startswith(_SCHEMES)


def shown(source: object) -> str:
    """A source as it may be printed: without the password, if it has one."""
    text = str(source)
    if not is_database(text):
        return text
    for secret in _secrets(text):
        text = text.replace(secret, "***")
    return text


def refuse_query(config: SourceConfig) -> None:
    """A query or table in the configuration is of no use without a database. Raises `UsageError`."""
    for name in ("query", "table"):
        if getattr(config, name) is not None:
            raise UsageError(
                f"orders.{name} is set, but the orders are not in a database",
                got=repr(getattr(config, name)),
                remedy="leave it out, or give the address of the database as ORDERS: postgresql://host/database",
            )


def scan_database(address: str, config: SourceConfig, span: Span) -> Scan:
    """The canonical columns of a table or a query, read anew at each reading, in one read-only transaction.

    `address` is a libpq connection address; `?table=schema.orders` in it, or
    `orders.table` or `orders.query` in the configuration, says what to read. A
    password is better kept in a password file (or PGPASSFILE, PGSERVICE, PGPASSWORD).

    Raises `UsageError` without the ADBC driver or something to read; `DataError`
    where the database cannot be reached, or refuses.
    """
    server, relation = _relation(address, config)
    with _reading(server) as cursor:
        schema = cursor.adbc_execute_schema(f"SELECT * FROM {relation}")
        query = _query(schema, choose(schema.names, config, shown(address)), relation, span)
        sent = cursor.adbc_execute_schema(query)

    def batches() -> Iterator[pa.RecordBatch]:
        with _reading(server) as cursor:
            cursor.execute(query)
            yield from cursor.fetch_record_batch()

    return Scan(pa.schema([part.remove_metadata() for part in sent]), batches)


def _relation(address: str, config: SourceConfig) -> tuple[str, str]:
    """The address for libpq, and what stands after FROM."""
    head, _, options = address.partition("?")
    pieces = [piece for piece in options.split("&") if piece]
    named = [unquote(piece.removeprefix("table=")) for piece in pieces if piece.startswith("table=")]
    tables = [*named, *([config.table] if config.table else [])]
    if len(tables) + (config.query is not None) != 1:
        raise UsageError(
            "it is not clear what to read from the database",
            got=f"{len(tables)} tables and {int(config.query is not None)} queries",
            allowed="one table or one query",
            remedy="end the address with ?table=schema.orders, or set orders.table or orders.query",
        )
    rest = "&".join(piece for piece in pieces if not piece.startswith("table="))
    relation = _quoted_path(tables[0]) if tables else f"({(config.query or '').strip().rstrip(';')}\n) AS orders"
    return head + ("?" + rest if rest else ""), relation


def _quoted_path(table: str) -> str:
    """`schema.table`, each part quoted; a part that holds a dot is written with quotes of its own."""
    parts = re.findall(r'"((?:[^"]|"")+)"|([^."]+)', table)
    return ".".join(_quoted(quoted.replace('""', '"') or plain) for quoted, plain in parts)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _query(schema: pa.Schema, chosen: dict[str, str], relation: str, span: Span) -> str:
    columns = ", ".join(_column(schema.field(there), name) for there, name in chosen.items())
    time = schema.field(time_of(chosen))
    return f"SELECT {columns} FROM {relation}{_where(time, span)}"


def _column(field: pa.Field, name: str) -> str:
    """The column in a type that Arrow holds without loss; an infinite time is a missing one."""
    quoted, kind = _quoted(field.name), _type(field)
    wanted = _KINDS.get(name)
    if kind in _TIMES and wanted == "time":
        quoted = f"CASE WHEN isfinite({quoted}) THEN {quoted} END"
    elif wanted in ("number", None) and kind in ("numeric", "money"):
        quoted = f"{quoted}::numeric::float8"
    elif wanted in ("text", "flag", None) and kind not in _PLAIN:
        quoted = f"{quoted}::text"
    return f"{quoted} AS {_quoted(name)}"


def _type(field: pa.Field) -> str:
    return bytes((field.metadata or {}).get(b"POSTGRESQL:type", b"")).decode()


def _where(time: pa.Field, span: Span) -> str:
    """The span in SQL. With bounds as parameters the driver would not stream; they are dates of ours, never text."""
    kind, column = _type(time), _quoted(time.name)
    if kind not in _TIMES:
        return ""
    since, until = (bound and f"'{bound.isoformat()}'" for bound in span.edges(kind == "timestamptz"))
    bounds = ([f"{column} >= {since}"] if since else []) + ([f"{column} < {until}"] if until else [])
    return f" WHERE ({' AND '.join(bounds)}) OR {column} IS NULL" if bounds else ""


@contextmanager
def _reading(server: str) -> "Iterator[Cursor]":
    """A cursor in a transaction that only reads; what goes wrong there is told without the password."""
    dbapi = driver()
    try:
        with dbapi.connect(server) as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            yield cursor
    except (dbapi.Error, pa.ArrowException, OSError) as error:
        raise DataError(
            "the orders cannot be read from the database",
            got=f"{shown(server)}: {masked(str(error), server)}",
            remedy="check the address, the rights of this user, and orders.query if there is one",
        ) from None


def masked(text: str, address: str) -> str:
    """What a database said, in one line, without the passwords of its address."""
    text = " ".join(text.split())
    for secret in _secrets(address):
        text = text.replace(secret, "***")
    return text[:400]


def driver() -> Any:
    """The ADBC driver of PostgreSQL. Raises `UsageError` where it is not installed."""
    try:
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415  # an extra
    except ImportError:
        raise UsageError("the driver for PostgreSQL is missing", remedy="pip install 'stagecast[postgres]'") from None
    return dbapi


def _secrets(address: str) -> list[str]:
    """The passwords in an address, as written and as meant."""
    in_options = re.findall(r"[?&](?:ssl)?password=([^&]*)", address)
    found = [secret for secret in (_password(address), *in_options) if secret]
    return sorted({*found, *map(unquote, found)}, key=len, reverse=True)


def _password(address: str) -> str | None:
    user, at, _ = urlsplit(address).netloc.rpartition("@")
    return user.partition(":")[2] if at else None
