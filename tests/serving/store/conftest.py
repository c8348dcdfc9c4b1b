"""A database and an object store of our own."""

from collections.abc import Iterator

import pytest
from postgres_server import programs, server
from s3_server import s3_server


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The address of a PostgreSQL database."""
    pytest.importorskip("adbc_driver_postgresql", reason="the extra stagecast[postgres] is not installed")
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with server(folder) as address:
        yield address


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """How to reach an object store."""
    with s3_server() as options:
        yield options
