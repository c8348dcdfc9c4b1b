"""Orders in a real PostgreSQL database; the server is the tests' own."""

from collections.abc import Iterator
from datetime import date
from types import ModuleType

import pandas as pd
import pytest
from postgres_server import database

from features.config import ClockConfig, OrdersConfig
from features.errors import DataError, StagecastError, UsageError
from features.orders import load_orders, read_orders, sql
from features.orders.scan import Scan
from features.orders.sources import read_batches, scan_orders
from features.orders.span import Span
from features.orders.sql import shown

CONFIG = OrdersConfig()
SHOP = """
CREATE SCHEMA shop;
CREATE TYPE shop.kind AS ENUM ('food', 'drink');
CREATE TABLE shop."Order ""Lines" (
    customer_id uuid, order_id bigint, ordered_at timestamp, product_id char(5), category shop.kind,
    quantity smallint, unit_price money, amount numeric(12, 2), is_return boolean, note text
);
INSERT INTO shop."Order ""Lines"
SELECT ('00000000-0000-0000-0000-' || lpad((line % 50)::text, 12, '0'))::uuid, 9007199254740993 + line,
       timestamp '2024-01-01' + line * interval '1 hour', 'p' || line % 9, 'food', 2, 1.25::money, 2.50, false, 'x'
FROM generate_series(0, 2399) AS line;
CREATE TABLE times (customer_id text, local timestamp, instant timestamptz, day date, written text);
INSERT INTO times
SELECT 'a', at, at AT TIME ZONE 'Europe/Berlin', at::date, to_char(at, 'YYYY-MM-DD HH24:MI')
FROM generate_series(timestamp '2024-03-30 22:30', timestamp '2024-04-02 01:30', interval '1 hour') AS at;
INSERT INTO times VALUES ('b', NULL, NULL, NULL, NULL), ('c', 'infinity', '-infinity', 'infinity', NULL);
"""
LINES = 'table=shop."Order ""Lines"'


@pytest.fixture(scope="module")
def driver() -> ModuleType:
    return pytest.importorskip("adbc_driver_postgresql.dbapi", reason="the extra stagecast[postgres] is not installed")


@pytest.fixture(scope="module")
def shop(driver: ModuleType) -> Iterator[str]:
    """The address of a database with orders in it."""
    with database() as address:
        with driver.connect(address) as connection, connection.cursor() as cursor:
            for statement in SHOP.strip().rstrip(";").split(";\n"):
                cursor.execute(statement)
            connection.commit()
        yield address


def at(column: str) -> OrdersConfig:
    return OrdersConfig(columns={"ordered_at": column}, table="times")


def refused(address: str, config: OrdersConfig, kind: type[StagecastError]) -> str:
    with pytest.raises(kind) as caught:
        read_orders(address, config)
    return str(caught.value)


def test_a_table_is_read_without_losing_a_digit(shop: str) -> None:
    read = read_orders(f"{shop}?{LINES}", CONFIG)
    assert len(read) == 2400
    first = read.sort_values("order_id").iloc[0]
    assert first["customer_id"] == "00000000-0000-0000-0000-000000000000"
    assert first["order_id"] == 9007199254740993
    assert first["product_id"] == "p0"  # char(5) is padded with blanks, which mean nothing
    assert (first["unit_price"], first["amount"]) == (1.25, 2.5)  # money travels as cents
    assert "note" not in read


def test_orders_of_a_database_are_clean_orders_like_any_other(shop: str) -> None:
    clean = load_orders(f"{shop}?{LINES}", CONFIG, ClockConfig())
    assert clean.report.rows_kept == 2400
    assert clean.report.customers == 50


def test_a_query_is_read_and_its_columns_mapped(shop: str) -> None:
    query = 'SELECT customer_id AS "Who?", ordered_at FROM shop."Order ""Lines" -- all\nWHERE amount > 0; '
    read = read_orders(shop, OrdersConfig(query=query, columns={"customer_id": "Who?"}))
    assert list(read.columns) == ["customer_id", "ordered_at"]
    assert len(read) == 2400


def test_only_the_columns_and_days_asked_for_leave_the_server(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    queries: list[str] = []
    build = sql._query
    monkeypatch.setattr(sql, "_query", lambda *of: queries.append(build(*of)) or queries[0])
    read = read_orders(f"{shop}?{LINES}", CONFIG, Span(since=date(2024, 1, 8), until=date(2024, 1, 15)))
    assert len(read) == 7 * 24
    assert "2024-01-08" in queries[0]
    assert "note" not in queries[0]


@pytest.mark.parametrize("column", ["local", "instant", "day"])
def test_days_are_local_days_whatever_the_type(shop: str, column: str) -> None:
    berlin = ClockConfig(timezone="Europe/Berlin")
    span = Span(date(2024, 3, 31), date(2024, 4, 2), berlin)
    config = at(column).model_copy(update={"max_bad_share": 0.2})
    clean = load_orders(shop, config, berlin, span=span)
    days = clean.orders["ordered_at"].dt.date
    assert (days.min(), days.max()) == (date(2024, 3, 31), date(2024, 4, 1))


def test_missing_and_infinite_times_are_set_aside_not_lost(shop: str) -> None:
    read = read_orders(shop, at("local"), Span(date(2024, 4, 1)))
    assert read["ordered_at"].isna().sum() == 2


def test_text_dates_are_all_sent(shop: str) -> None:
    assert len(read_orders(shop, at("written"), Span(date(2024, 4, 1)))) == 54


def test_rows_come_in_batches_and_reading_may_stop(shop: str) -> None:
    batches = read_batches(f"{shop}?{LINES}", CONFIG, lines=1000)
    assert len(next(batches)) == 1000
    assert [len(batch) for batch in batches] == [1000, 400]
    assert len(next(read_batches(f"{shop}?{LINES}", CONFIG, lines=10))) == 10


def test_a_connection_lost_on_the_way_is_an_error_not_an_end(shop: str, driver: ModuleType) -> None:
    query = """SELECT 'c' || i AS customer_id, timestamp '2024-01-01' + i * interval '1 s' AS ordered_at
               FROM generate_series(1, 1000000) AS i"""
    batches = read_batches(shop, OrdersConfig(query=query), lines=10_000)
    next(batches)
    with driver.connect(shop) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%generate_series%'"
            " AND pid <> pg_backend_pid()"
        )
        cursor.fetchall()
    with pytest.raises(DataError, match=r"terminating connection|closed the connection"):
        list(batches)


def test_a_scan_can_be_read_twice(shop: str) -> None:
    scan: Scan = scan_orders(f"{shop}?{LINES}", CONFIG)
    assert scan.table().equals(scan.table())


def test_a_query_cannot_write(shop: str, driver: ModuleType) -> None:
    query = "SELECT 'a' AS customer_id, now() AS ordered_at FROM (SELECT setval('s', 9)) AS x"
    with driver.connect(shop) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE SEQUENCE s")
        connection.commit()
    assert "read-only" in refused(shop, OrdersConfig(query=query), DataError)
    assert refused(shop, OrdersConfig(query="SELECT 1) AS x; DROP TABLE times; --"), DataError)
    assert len(read_orders(shop, at("local"))) == 54


def test_names_are_quoted(shop: str) -> None:
    message = refused(shop + '?table=times"; DROP TABLE times; --', CONFIG, StagecastError)
    assert "times" in message
    assert len(read_orders(shop, at("local"))) == 54


def test_what_is_not_there_is_said_without_the_password(shop: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for address in (
        shop + "?table=nowhere",
        shop.replace("open%20sesame", "open%20sesamy") + "?table=times",
        shop.replace("127.0.0.1:", "127.0.0.1:1") + "?table=times",
        shop.replace(":open%20sesame", "") + "?table=times&password=open%20sesame&nonsense=1",
    ):
        message = refused(address, CONFIG, DataError)
        assert "sesam" not in message
        assert "127.0.0.1" in message


def test_a_missing_column_is_named(shop: str) -> None:
    message = refused(shop + "?table=times", CONFIG, DataError)
    assert "'ordered_at'" in message
    assert "sesame" not in message


def test_one_thing_is_read(shop: str) -> None:
    assert "0 tables" in refused(shop, CONFIG, UsageError)
    assert "1 queries" in refused(shop + "?table=times", OrdersConfig(query="SELECT 1"), UsageError)


def test_a_table_without_a_database_is_refused() -> None:
    with pytest.raises(UsageError, match="not in a database"):
        read_orders(pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2024-01-01"]}), OrdersConfig(table="x"))


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://me:top%20secret@host:5/db?table=a", "postgresql://me:***@host:5/db?table=a"),
        ("postgres://host/db?user=me&password=secret", "postgres://host/db?user=me&password=***"),
        ("postgresql:///db?service=shop", "postgresql:///db?service=shop"),
        ("orders:secret@2024.parquet", "orders:secret@2024.parquet"),
    ],
)
def test_a_password_is_not_shown(address: str, told: str) -> None:
    assert shown(address) == told
