"""The job with a PostgreSQL server as its store: the same rows, and nobody is told the password."""

from collections.abc import Iterator
from pathlib import Path

import postgres_server
import pytest
from trained_shop import AS_OF, Shop

from serving.store import open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def database() -> Iterator[str]:
    """The address of a PostgreSQL database."""
    with postgres_server.database() as address:
        yield address


def test_weeks_go_to_a_database_as_they_go_to_a_folder(run, shop: Shop, database: str) -> None:
    told = ""
    for out in (database, "scores"):
        for as_of in ("1998-02-23", AS_OF, AS_OF):
            done = run("score", shop.orders, "--as-of", as_of, "--out", out, "--tracking-uri", shop.uri,
                       "--summary", "s.json")  # fmt: skip
            assert done.code == 0, done.err
            told += done.out + done.err + Path("s.json").read_text() * (out == database)
        assert "nothing changed" in done.last
    assert "sesame" not in told
    there, here = (open_store(out).receipt(AS_OF) for out in (database, "scores"))
    assert there is not None
    assert here is not None
    assert (there.content, there.rows) == (here.content, here.rows)
    assert open_store(database).kept("moved", AS_OF) == open_store("scores").kept("moved", AS_OF)
