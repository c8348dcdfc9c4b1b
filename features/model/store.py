"""Where MLflow keeps runs and models: an absolute place, created once, under a lock.

Processes that create the same MLflow database at the same time break it for
good, so its first use happens under a file lock. Models and pictures go to a
folder beside the database, not to whatever folder the process runs in.
"""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from features.errors import BusyError, UsageError

DATABASE = "mlflow.db"
ARTIFACTS = "mlartifacts"
PATIENCE = 120.0
"""Seconds to wait for another process that is creating the store or moving an alias."""

_SQLITE = "sqlite:///"


def tracking_uri(asked: str | None = None, folder: Path | None = None) -> str:
    """Absolute tracking URI: as asked, or MLFLOW_TRACKING_URI, or SQLite in the working folder."""
    uri = asked or os.environ.get("MLFLOW_TRACKING_URI") or _SQLITE + str((folder or Path.cwd()) / DATABASE)
    if uri.startswith(_SQLITE):
        return _SQLITE + str(Path(uri.removeprefix(_SQLITE)).resolve())
    if "://" not in uri:
        raise UsageError(
            "the tracking URI is no URI",
            got=uri,
            allowed="sqlite:///FILE.db, postgresql://..., http://..., https://...",
            remedy="MLflow's folder store is retired; for a local store write sqlite:///mlflow.db",
        )
    return uri


def open_store(asked: str | None = None) -> str:
    """Make sure that the store exists and make it MLflow's current one.

    Returns:
        The absolute tracking URI.

    Raises:
        BusyError: another process has held the lock for too long.
    """
    uri = tracking_uri(asked)
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with quiet():
        import mlflow

        with lock(uri):
            mlflow.set_tracking_uri(uri)
            mlflow.set_registry_uri(uri)
            mlflow.MlflowClient().search_experiments(max_results=1)
    return uri


def experiment(name: str, uri: str) -> str:
    """Id of an experiment, made where it is missing, with an absolute place for its artifacts."""
    import mlflow

    client = mlflow.MlflowClient()
    with lock(uri):
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(name, artifact_location=_artifacts(uri)))


@contextmanager
def lock(uri: str) -> Iterator[None]:
    """Hold the store's lock; stores on a server have none, their database keeps order itself.

    Raises:
        BusyError: somebody else has held it for `PATIENCE` seconds.
    """
    if not uri.startswith(_SQLITE):
        yield
        return
    path = Path(uri.removeprefix(_SQLITE) + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(path, timeout=PATIENCE):
            yield
    except Timeout:
        raise BusyError(
            "another process holds the lock of the MLflow store",
            got=str(path),
            remedy="try again later; the lock goes with the process that holds it",
        ) from None


@contextmanager
def quiet() -> Iterator[None]:
    """Keep MLflow's and its libraries' warnings and chatter away from our users."""
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic", "mlflow.store.db.utils")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _artifacts(uri: str) -> str | None:
    if not uri.startswith(_SQLITE):
        return None
    return (Path(uri.removeprefix(_SQLITE)).parent / ARTIFACTS).as_uri()
