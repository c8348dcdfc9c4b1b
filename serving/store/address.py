"""Which store an address means."""

from collections.abc import Mapping
from pathlib import Path

from features.errors import UsageError
from features.orders.sql import is_database
from serving.store.place import Folder, Place
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
    text = str(address)
    if is_database(text):
        from serving.store.postgres.store import PostgresStore  # noqa: PLC0415  # an extra

        return PostgresStore(text)
    from serving.store.delta.store import DeltaStore  # noqa: PLC0415  # deltalake loads slowly

    if "://" in text:
        return DeltaStore(_bucket(text, options))
    folder = Path(text)
    if folder.exists() and not folder.is_dir():
        raise UsageError("scores go into a folder", got=text, remedy="give a folder, new or old")
    return DeltaStore(Folder(folder))


def _bucket(address: str, options: Mapping[str, str] | None) -> Place:
    from deltalake.exceptions import DeltaError  # noqa: PLC0415  # as above

    from serving.store.bucket import Bucket  # noqa: PLC0415

    try:
        return Bucket(address, options)
    except (DeltaError, OSError) as error:
        raise UsageError(
            "the object store cannot be reached by this address", got=address, allowed=str(error).splitlines()[0][:200]
        ) from None
