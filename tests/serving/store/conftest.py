"""A database and an object store of our own."""

from collections.abc import Iterator

import postgres_server
import pytest
from s3_server import s3_server


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The address of a PostgreSQL database."""
    with postgres_server.database() as address:
        yield address


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """How to reach an object store."""
    with s3_server() as options:
        yield options
