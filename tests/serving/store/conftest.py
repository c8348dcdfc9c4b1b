"""A database of our own."""

from collections.abc import Iterator

import pytest
from postgres_server import programs, server


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The address of a PostgreSQL database."""
    pytest.importorskip("adbc_driver_postgresql", reason="the extra stagecast[postgres] is not installed")
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with server(folder) as address:
        yield address
