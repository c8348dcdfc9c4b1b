"""What only the store in PostgreSQL does: real tables, one transaction, readers that see one week or the other."""

import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType

import pyarrow as pa
import pytest
from made_weeks import WEEK, made_stamp, made_week

from features.errors import BusyError, StagecastError, UsageError
from serving.contract import COLUMNS
from serving.store import Retention, open_store, table

NEXT = "2011-06-13"


@pytest.fixture(scope="module")
def driver() -> ModuleType:
    return pytest.importorskip("adbc_driver_postgresql.dbapi")


def asked(driver: ModuleType, database: str, question: str) -> list[tuple[object, ...]]:
    with driver.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())


def test_a_week_stands_in_a_real_table_with_its_types_keys_and_meanings(database: str, driver: ModuleType) -> None:
    store = open_store(f"{database}?schema=plain")
    store.publish([made_week(ids=["a\0b", "back\\slash", "é", "x" * 10_000])], made_stamp())
    store.publish([made_week(seed=1)], made_stamp(job=2))
    store.publish([made_week(ids=["a\0b", "back\\slash", "é", "x" * 10_000], seed=2)], made_stamp(job=3))

    ((ids, kind, keys),) = asked(
        driver,
        database,
        "SELECT array_to_string(array_agg(encode(decode(customer_id, 'escape'), 'hex') ORDER BY place), ' '), "
        "pg_typeof(min(as_of))::text, count(DISTINCT (as_of, customer_id)) FROM plain.scores",
    )
    assert [bytes.fromhex(one).decode() for one in str(ids).split()] == ["a\0b", "back\\slash", "x" * 10_000, "é"]
    assert (kind, keys) == ("date", 4)
    ((meaning,),) = asked(driver, database, "SELECT col_description('plain.scores'::regclass, 2)")
    assert meaning == COLUMNS["customer_id"][1]
    assert len(store.versions(WEEK)) == 3
    assert table(store, WEEK, version=2).equals(pa.Table.from_batches([made_week(seed=1)]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE guarded.scores SET p_order = 'NaN'", "check"),
        ("UPDATE guarded.scores SET stage = NULL", "null"),
        ("INSERT INTO guarded.scores SELECT * FROM guarded.scores", "duplicate"),
        ("UPDATE guarded.scores SET place = place + 50, customer_id = 'c000001'", "duplicate"),
    ],
)
def test_the_table_itself_refuses_what_breaks_the_contract(
    database: str, driver: ModuleType, change: str, fault: str
) -> None:
    open_store(f"{database}?schema=guarded").publish([made_week()], made_stamp())
    with pytest.raises(driver.Error, match=fault):
        asked(driver, database, f"{change} RETURNING 1")


@pytest.mark.slow
def test_readers_see_the_old_week_until_the_new_one_is_whole(database: str) -> None:
    store = open_store(f"{database}?schema=apart")
    store.publish([made_week()], made_stamp())

    def rows() -> Iterator[pa.RecordBatch]:
        yield made_week(seed=1)[:20]
        assert table(store, WEEK).equals(pa.Table.from_batches([made_week()]))
        with pytest.raises(BusyError):  # another scorer of the same week
            store.publish([made_week(seed=2)], made_stamp(job=3))
        store.publish([made_week(NEXT)], made_stamp(NEXT))  # and one of another
        yield made_week(seed=1)[20:]

    reading = store.read(WEEK)
    first = next(reading)
    store.publish(rows(), made_stamp(job=2))
    assert first.equals(made_week())  # who began to read the old week reads it to the end
    assert list(reading) == []
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week(seed=1)]))
    assert store.weeks() == [WEEK, NEXT]


PUBLISHER = """
import sys
from made_weeks import made_stamp, made_week
from serving.store import open_store
store, version = open_store(sys.argv[1]), 0
while version := version + 1:
    store.publish([made_week(ids=2000, seed=version)], made_stamp(job=version))
    print(version, flush=True)
"""


@pytest.mark.slow
def test_a_publisher_killed_at_any_moment_leaves_a_whole_week(database: str) -> None:
    address, done = f"{database}?schema=killed", 0
    for kill in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path}; {PUBLISHER}", address],
            stdout=subprocess.PIPE,
            text=True,
        ) as publisher:
            assert publisher.stdout is not None
            for _ in range(1 + kill % 3):
                done = int(publisher.stdout.readline())
            publisher.kill()
        seen = table(open_store(address), WEEK)
        (version,) = set(seen["model_version"].to_pylist())
        assert version >= done
        assert seen.equals(pa.Table.from_batches([made_week(ids=2000, seed=version)]))
    open_store(address).tidy(Retention(keep_days=0))


def test_a_password_is_never_told(database: str) -> None:
    for address in (database.replace("open%20sesame", "wrong%20word"), database.replace("/postgres", "/nowhere")):
        with pytest.raises(StagecastError) as error:
            open_store(address).weeks()
        for secret in ("wrong%20word", "wrong word", "open%20sesame", "open sesame"):
            assert secret not in str(error.value)


def test_a_schema_has_a_plain_name(database: str) -> None:
    with pytest.raises(UsageError, match="plain name"):
        open_store(f'{database}?schema=x"; DROP TABLE scores; --')
