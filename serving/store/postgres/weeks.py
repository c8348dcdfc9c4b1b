"""What is done to a week within a transaction. Cut-offs stand in SQL: each is a date that was looked at before."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from features.errors import BusyError
from serving.contract import COLUMNS
from serving.store.content import Content
from serving.store.postgres.session import column, first
from serving.store.postgres.tables import INCOMING, ROWS, contracted, escaped, numbered
from serving.store.receipt import Receipt


def alone(cursor: Any, as_of: str) -> None:
    """Keep other publishers of the week out until the transaction ends. Raises `BusyError`."""
    week = f"hashtext(current_schema()), '{as_of}'::date - '1970-01-01'::date"
    if not first(cursor, f"SELECT pg_try_advisory_xact_lock({week})"):
        raise BusyError("another job is at work there", got=as_of, remedy="try again when it is done")


def receipts(cursor: Any, as_of: str) -> list[Receipt]:
    """The receipts of a week, oldest first; none where the tables were never made."""
    if not made(cursor):
        return []
    found = column(cursor, f"SELECT receipt::text FROM receipts WHERE as_of = '{as_of}' ORDER BY version")
    return [Receipt.model_validate_json(one) for one in found]


def made(cursor: Any) -> bool:
    """Whether anything was ever kept there."""
    return first(cursor, "SELECT to_regclass('documents')::text") is not None


def put(cursor: Any, receipt: Receipt) -> None:
    """Leave a receipt, in the place of one of the same version."""
    cursor.execute(
        f"INSERT INTO receipts VALUES ('{receipt.as_of}', {receipt.version}, $1::text::json) "
        "ON CONFLICT (as_of, version) DO UPDATE SET receipt = EXCLUDED.receipt",
        (receipt.model_dump_json(),),
    )


def copied(cursor: Any, rows: Iterator[pa.RecordBatch]) -> Content:
    """Copy rows into the temporary table `incoming`, in a stream; what they are.

    The driver tells an error of the stream as one of its own: the true one is raised instead.
    """
    content, faults = Content(), list[Exception]()

    def sent() -> Iterator[pa.RecordBatch]:
        try:
            yield from numbered(content.of(rows))
        except Exception as fault:
            faults.append(fault)
            raise

    try:
        cursor.adbc_ingest("incoming", pa.RecordBatchReader.from_batches(INCOMING, sent()), temporary=True)
    except Exception:
        if faults:
            raise faults[0] from None
        raise
    return content


def replace(cursor: Any, stood: Receipt | None, receipt: Receipt) -> None:
    """Put what was copied in the place of what stood, look at it, and leave its receipt."""
    as_of = receipt.as_of
    if stood:
        cursor.execute(
            f"INSERT INTO scores_replaced (version, {ROWS}) "
            f"SELECT {stood.version}, {ROWS} FROM scores WHERE as_of = '{as_of}'"
        )
    cursor.execute(f"DELETE FROM scores WHERE as_of = '{as_of}'")
    cursor.execute(f"INSERT INTO scores ({ROWS}) SELECT {ROWS} FROM incoming ORDER BY place")
    if standing(cursor, as_of).digest != receipt.content:
        raise OSError("what was written is not what is read back")
    put(cursor, receipt)


def drop(cursor: Any, as_of: str, versions: Sequence[int]) -> int:
    """Let go of versions of a week, receipts and rows; the number of rows."""
    if not versions:
        return 0
    of = f"as_of = '{as_of}' AND version IN ({', '.join(map(str, versions))})"
    cursor.execute(f"DELETE FROM receipts WHERE {of}")
    cursor.execute(f"DELETE FROM scores_replaced WHERE {of}")
    removed = int(cursor.rowcount)
    if not receipts(cursor, as_of):
        cursor.execute(f"DELETE FROM scores WHERE as_of = '{as_of}'")
        removed += int(cursor.rowcount)
    return removed


def forget(cursor: Any, receipt: Receipt, ids: pa.Array) -> int:
    """Delete customers from what stands, and write its receipt anew; the number of rows."""
    cursor.adbc_ingest("forgotten", pa.table({"customer_id": escaped(ids)}), temporary=True)
    cursor.execute(
        f"DELETE FROM scores USING forgotten WHERE as_of = '{receipt.as_of}' "
        "AND scores.customer_id = forgotten.customer_id"
    )
    number = int(cursor.rowcount)
    left = standing(cursor, receipt.as_of) if number else None
    if left and left.rows:
        changed = {"version": receipt.version + 1, "rows": left.rows, "content": left.digest}
        put(cursor, receipt.model_copy(update=changed))
    if number:
        drop(cursor, receipt.as_of, [receipt.version])
    return number


def read(cursor: Any, table: str, as_of: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    """The rows of a week in `scores`, or in another table (with a condition), in their order."""
    cursor.execute(f"SELECT {', '.join(columns)} FROM {table} AND as_of = '{as_of}' ORDER BY place")
    for batch in cursor.fetch_record_batch():
        yield contracted(batch, columns)


def standing(cursor: Any, as_of: str) -> Content:
    """What stands in `scores` for a week."""
    return Content().taken(read(cursor, "scores WHERE TRUE", as_of, list(COLUMNS)))
