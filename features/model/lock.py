"""The lock of a local store: who creates it or moves an alias in it does so alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from features.errors import BusyError, StagecastError
from features.model.address import database

PATIENCE = 120.0
"""Seconds to wait for another process that is creating the store or moving an alias."""


@contextmanager
def lock(uri: str) -> Iterator[None]:
    """Hold the store's lock; stores on a server have none, their database keeps order itself.

    Raises:
        BusyError: somebody else has held it for `PATIENCE` seconds.
        StagecastError: the folder of the store cannot be written.
    """
    file = database(uri)
    if file is None:
        yield
        return
    path = file.with_name(f"{file.name}.lock")
    held = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()  # fails at once where FileLock would try again and again
        held.acquire(timeout=PATIENCE)
    except Timeout:
        raise BusyError(
            "another process holds the lock of the MLflow store",
            got=path,
            remedy="try again later; the lock goes with the process that holds it",
        ) from None
    except OSError as error:
        raise StagecastError(
            "the folder of the MLflow store cannot be written",
            got=f"{path.parent}: {error.strerror or error}",
            remedy="name another store, as in sqlite:////FOLDER/mlflow.db, or let this user write there",
        ) from None
    try:
        yield
    finally:
        held.release()
