"""Where MLflow keeps runs and models: an absolute place, created once, under a lock.

Processes that create the same MLflow database at the same time break it for
good, and so does one that is killed meanwhile. Therefore it is made under
another name, under a lock, and moved into place in one step. Models and
pictures go to a folder beside it, not to whatever folder the process runs in.
"""

import glob
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from features.errors import StagecastError, UsageError
from features.model.address import database, shown, tracking_uri
from features.model.lock import lock
from features.model.quiet import quiet

__all__ = ["experiment", "lock", "open_store", "quiet", "tracking_uri"]

ARTIFACTS = "mlartifacts"

_SETTINGS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
_FIRST_CALL = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"}


def open_store(asked: str | None = None) -> str:
    """Make sure that the store exists and make it MLflow's current one.

    Returns:
        The absolute tracking URI.

    Raises:
        UsageError: the address cannot be right.
        BusyError: another process has held the lock for too long.
        StagecastError: the store cannot be reached, read or written.
    """
    uri = tracking_uri(asked)
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    with quiet():
        import mlflow

        with _explained(uri), lock(uri):
            _ensure_file(database(uri))
            _touch(uri)
        mlflow.set_tracking_uri(uri)
        mlflow.set_registry_uri(uri)
    return uri


def has_store(asked: str | None = None) -> bool:
    """Whether there is a store to look into; asking makes none."""
    file = database(tracking_uri(asked))
    return file is None or file.exists()


def experiment(name: str, uri: str, artifacts: str | None = None) -> str:
    """Id of an experiment, made where it is missing, with an absolute place for its artifacts.

    Args:
        name: of the experiment.
        uri: absolute tracking URI.
        artifacts: folder or address for the models and pictures of a new experiment; by default
            beside a local database, or where an MLflow server keeps them.

    Raises:
        UsageError: an experiment of that name lies in MLflow's bin; or it is to be made in a
            database that says nothing of where artifacts go, and neither does `artifacts`.
        BusyError: another process has held the lock for too long.
    """
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient(uri)
    with lock(uri):
        found = client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(client.create_experiment(name, artifact_location=_artifacts(uri, artifacts)))
            except MlflowException:  # on a server somebody may have been faster
                found = client.get_experiment_by_name(name)
                if found is None:
                    raise
    if found.lifecycle_stage != "active":
        raise UsageError(
            "the experiment was deleted, and MLflow keeps its name",
            got=name,
            remedy=f"restore it: mlflow experiments restore --experiment-id {found.experiment_id}; or choose another",
        )
    return str(found.experiment_id)


def _artifacts(uri: str, asked: str | None) -> str | None:
    if asked:
        return asked if "://" in asked else Path(asked).resolve().as_uri()
    if file := database(uri):
        return (file.parent / ARTIFACTS).as_uri()
    if not uri.startswith("http"):
        raise UsageError(
            "a database holds runs, but no models and pictures: these need a place of their own",
            got=shown(uri),
            remedy='name one that trainers and scorers can all reach: artifacts = "/FOLDER" under [training];'
            ' or use an MLflow server, tracking_uri = "http://...", which has one',
        )
    return None  # the server's


def _ensure_file(file: Path | None) -> None:
    """Create a local database, or see that the one there opens: MLflow would try that for minutes."""
    if file is None:
        return
    if file.exists() and (file.is_dir() or file.stat().st_size):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=20)) as connection:
            connection.execute("BEGIN IMMEDIATE")
        return
    for left_by_a_killed_process in file.parent.glob(f".{glob.escape(file.name)}.*"):
        shutil.rmtree(left_by_a_killed_process, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
        new = Path(folder) / file.name
        _touch(f"sqlite:///{new}")
        new.replace(file)


def _touch(uri: str) -> None:
    from mlflow import MlflowClient

    with _impatient():
        MlflowClient(uri, uri).search_experiments(max_results=1)


@contextmanager
def _impatient() -> Iterator[None]:
    """The first call is to tell soon that a server is away; later ones are as patient as MLflow is."""
    added = {name: value for name, value in _FIRST_CALL.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """MLflow, SQLAlchemy, drivers and networks fail in their own ways; to the user it is one."""
    try:
        yield
    except StagecastError:
        raise
    except Exception as error:
        said = str(error).strip().splitlines() or [type(error).__name__]
        raise StagecastError(
            "the MLflow store cannot be opened",
            got=f"{shown(uri)}: {shown(said[0])[:300]}",
            remedy="check that it is an MLflow store of this version, that its server runs, "
            "and that this user may read and write it",
        ) from error
