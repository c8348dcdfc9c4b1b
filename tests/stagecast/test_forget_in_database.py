"""`stagecast forget` on a PostgreSQL server: out of tables, documents, statistics, and off the pages on the disk."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import postgres_server
import psycopg
import pytest
from made_weeks import made_stamp, made_week

from serving.store import open_store, table

pytestmark = pytest.mark.slow

WEEKS = ["2011-06-06", "2011-06-13"]
WHO = "customer-who-wants-to-go"
EVERYBODY = sorted([WHO, *(f"c{number:06d}" for number in range(40))])


@pytest.fixture
def database() -> Iterator[str]:
    """Two weeks, one of them replaced once, and a document that names customers; the server has looked at them."""
    with postgres_server.database() as address:
        store = open_store(address)
        for seed, as_of in enumerate([WEEKS[0], *WEEKS]):
            store.publish([made_week(as_of, EVERYBODY, seed)], made_stamp(as_of, job=seed + 1))
            store.keep("moved", as_of, {"risen": [{"customer_id": name, "risk": 0.5} for name in EVERYBODY]})
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("ANALYZE")
        yield address


def places_of(name: str, address: str) -> list[str]:
    """Tables, statistics and files of the server that hold a name."""
    with psycopg.connect(address, autocommit=True) as connection:

        def lines(query: str) -> list[tuple[str, ...]]:
            return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]

        connection.execute("CHECKPOINT")
        tables = [one for (one,) in lines("SELECT tablename FROM pg_tables WHERE schemaname = 'stagecast'")]
        texts = {one: str(lines(f"SELECT t::text FROM stagecast.{one} t")) for one in tables}
        texts["statistics"] = str(lines("SELECT s::text FROM pg_stats s WHERE schemaname = 'stagecast'"))
        folder = Path(lines("SHOW data_directory")[0][0])
    files = [path for path in (folder / "base").rglob("*") if path.is_file() and name.encode() in path.read_bytes()]
    return [where for where, text in texts.items() if name in text] + [str(path) for path in files]


def test_a_forgotten_customer_is_nowhere_in_the_database(run, database: str) -> None:
    before = {as_of: table(open_store(database), as_of).to_pandas() for as_of in WEEKS}
    assert {"scores", "scores_replaced", "documents"} < set(places_of(WHO, database))
    assert "statistics" not in places_of(WHO, database) + places_of(sha256(WHO.encode()).hexdigest(), database)

    done = run("forget", WHO, database)

    assert done.code == 0, done.err
    assert done.last == "Nothing that was searched names the customer any more."
    assert "sesame" not in done.out + done.err
    assert places_of(WHO, database) == []
    store = open_store(database)
    for as_of in WEEKS:
        left = table(store, as_of).to_pandas()
        expected = before[as_of][before[as_of]["customer_id"] != WHO].reset_index(drop=True)
        assert left.equals(expected)
        assert [receipt.rows for receipt in store.versions(as_of)] == [len(EVERYBODY) - 1]
    assert run("forget", WHO, database).code == 0, "forgetting again"
