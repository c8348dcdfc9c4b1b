"""Which store an address means."""

from collections.abc import Mapping
from pathlib import Path

from serving.store.protocol import Store


def open_store(address: str | Path, options: Mapping[str, str] | None = None) -> Store:
    """The store at an address; nothing is made before something is published.

    Args:
        address: a folder, or the URL of one in an object store (`s3://bucket/scores`), for Delta Lake;
            `postgresql://host/database` for PostgreSQL (extra `postgres`).
        options: for object stores: deltalake's storage options (credentials, region, endpoint).

    Raises:
        UsageError: the address is a file, or the driver is missing.
    """
    raise NotImplementedError
