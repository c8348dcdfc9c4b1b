"""One transaction in the database, and small questions in it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pyarrow as pa

from features.errors import StagecastError, UsageError
from features.orders.sql import driver, masked, shown

TABLES = ("scores", "scores_replaced", "receipts", "documents")


class Session:
    """How to reach the database, and the schema that holds the tables: `?schema=NAME`, `stagecast` by default."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.schema = options.pop("schema", "stagecast")
        if not re.fullmatch("[a-z_][a-z0-9_]{0,62}", self.schema):
            raise UsageError(
                "the schema of a score table has a plain name",
                got=repr(self.schema)[:80],
                allowed="small letters, digits and _",
            )
        self.shown, self._server = shown(address), urlunsplit(parts._replace(query=urlencode(options)))
        self._driver = driver()

    @contextmanager
    def transaction(self, begin: str = "") -> Iterator[Any]:
        """A cursor in a transaction, committed when the context ends well.

        Raises:
            StagecastError: the database cannot be reached, or refuses; told without the password.
        """
        try:
            with self._driver.connect(self._server) as connection, connection.cursor() as cursor:
                if begin:
                    cursor.execute(begin)
                cursor.execute(f"SET LOCAL search_path TO {self.schema}")
                yield cursor
                connection.commit()
        except (self._driver.Error, pa.ArrowException, OSError) as error:
            raise self._refused(error) from None

    def reading(self) -> Any:
        """A transaction that sees the database as it stands now, and only reads."""
        return self.transaction("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def vacuum(self, full: bool = False) -> None:
        """Let go of the room of deleted rows, which no transaction may do."""
        try:
            with self._driver.connect(self._server, autocommit=True) as connection, connection.cursor() as cursor:
                for table in TABLES:
                    cursor.execute(f"VACUUM {'(FULL) ' if full else ''}{self.schema}.{table}")
        except (self._driver.Error, OSError) as error:
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> StagecastError:
        return StagecastError(
            "the score table in the database cannot be used",
            got=f"{self.shown}: {masked(str(error), self._server)}",
            remedy="check the address and the rights of this user, and run again: a week stands whole or not at all",
        )


def first(cursor: Any, question: str) -> Any:
    """The first value of the answer, or None."""
    cursor.execute(question)
    row = cursor.fetchone()
    return row[0] if row else None


def column(cursor: Any, question: str) -> list[Any]:
    """The first values of all rows of the answer."""
    cursor.execute(question)
    return [row[0] for row in cursor.fetchall()]
