"""The store: one absolute place, created once, and clear words where it cannot be had."""

import logging
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from filelock import FileLock

from features.errors import BusyError, StagecastError, UsageError
from features.model import lock as locking
from features.model.address import database, shown
from features.model.store import experiment, lock, open_store, quiet, tracking_uri

FIRST_USE = """
import sys
from features.model.store import experiment, open_store
uri = open_store(sys.argv[1])
print(uri, experiment("first", uri))
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A folder of its own to work in, and MLflow as it was."""
    monkeypatch.chdir(tmp_path)
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.setenv(name, "")
    yield
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri("")


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "error::DeprecationWarning:__main__", "-c", code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


# -- the address -----------------------------------------------------------------------------------


def test_the_default_is_sqlite_in_the_working_folder(tmp_path: Path) -> None:
    assert tracking_uri() == f"sqlite:///{tmp_path}/mlflow.db"
    assert tracking_uri(folder=tmp_path / "x") == f"sqlite:///{tmp_path}/x/mlflow.db"


def test_the_environment_tells_unless_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///there.db")

    assert tracking_uri() == f"sqlite:///{tmp_path}/there.db"
    assert tracking_uri("https://mlflow.example.org") == "https://mlflow.example.org"


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("sqlite:///a.db", "a.db"),
        ("sqlite:///b/../a b/é.db", "a b/é.db"),
        ("sqlite:///../{parent}/a.db", "a.db"),
        ("sqlite:///{absolute}/a.db", "a.db"),
    ],
)
def test_sqlite_becomes_absolute(asked: str, path: str, tmp_path: Path) -> None:
    uri = tracking_uri(asked.format(parent=tmp_path.name, absolute=tmp_path))

    assert uri == f"sqlite:///{tmp_path / path}"
    assert database(uri) == tmp_path / path
    assert tracking_uri(uri) == uri


@pytest.mark.parametrize("uri", ["https://a.org/mlflow", "http://127.0.0.1:5000", "postgresql+psycopg://u:p@h/d"])
def test_servers_stay_as_they_are(uri: str) -> None:
    assert tracking_uri(uri) == uri
    assert database(uri) is None


@pytest.mark.parametrize("uri", ["file:///mlruns", "file:mlruns", "mlruns", "./mlruns", "/var/mlruns", "mlflow.db"])
def test_folders_and_plain_paths_are_refused(uri: str) -> None:
    with pytest.raises(UsageError, match=r"retired that kind\n  got: .*\n  allowed: sqlite:///") as refused:
        open_store(uri)

    assert uri in str(refused.value)


@pytest.mark.parametrize(
    "uri", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+pysqlite:///a.db", "sqlite:///a.db?timeout=1"]
)
def test_sqlite_without_one_plain_file_is_refused(uri: str) -> None:
    with pytest.raises(UsageError, match="no SQLite file"):
        open_store(uri)


def test_passwords_are_not_shown() -> None:
    assert shown("postgresql://me:se:cret@h:1/d") == "postgresql://me:***@h:1/d"
    assert shown("http://a.org:5000/x") == "http://a.org:5000/x"


# -- first use -------------------------------------------------------------------------------------


def test_the_store_is_made_once_and_is_mlflows_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    uri = open_store("sqlite:///new folder/mlflow.db")
    made = (tmp_path / "new folder/mlflow.db").stat().st_ino
    same = open_store("sqlite:///new folder/mlflow.db")
    number = experiment("first", uri)
    with quiet(), mlflow.start_run(experiment_id=number) as run:
        mlflow.log_text("x", "x.txt")

    assert uri == same == mlflow.get_tracking_uri() == mlflow.get_registry_uri()
    assert (tmp_path / "new folder/mlflow.db").stat().st_ino == made
    assert number == experiment("first", uri)
    assert (tmp_path / "new folder/mlartifacts" / run.info.run_id / "artifacts/x.txt").read_text() == "x"
    assert sorted(path.name for path in tmp_path.rglob("*mlflow*")) == ["mlflow.db", "mlflow.db.lock"]
    assert os.listdir(tmp_path) == ["new folder"]
    assert capfd.readouterr() == ("", "")


def first_use_by(processes: int, tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/mlflow.db"
    running = [started(FIRST_USE, uri) for _ in range(processes)]
    said = [process.communicate(timeout=300) for process in running]

    assert [process.returncode for process in running] == [0] * processes, said
    assert {out for out, _ in said} == {f"{uri} 1\n"}
    client = mlflow.MlflowClient(open_store(uri))
    place = client.get_experiment(experiment("first", uri)).artifact_location
    assert place == (tmp_path / "mlartifacts").as_uri()
    client.log_metric(client.create_run("1").info.run_id, "usable", 1.0)
    assert sorted(os.listdir(tmp_path)) == ["mlflow.db", "mlflow.db.lock"]


@pytest.mark.slow
def test_first_use_by_two_processes_at_once(tmp_path: Path) -> None:
    first_use_by(2, tmp_path)


@pytest.mark.slow
def test_first_use_by_four_processes_at_once(tmp_path: Path) -> None:
    first_use_by(4, tmp_path)


@pytest.mark.slow
def test_a_process_killed_while_creating_does_no_harm(tmp_path: Path) -> None:
    process = started(FIRST_USE, f"sqlite:///{tmp_path}/mlflow.db")
    until = time.monotonic() + 120
    while not list(tmp_path.glob(".mlflow.db.*/mlflow.db")) and time.monotonic() < until:
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert list(tmp_path.glob(".mlflow.db.*"))
    uri = open_store()
    assert experiment("first", uri) == "1"
    assert sorted(os.listdir(tmp_path)) == ["mlflow.db", "mlflow.db.lock"]


def test_a_deleted_experiment_is_named(tmp_path: Path) -> None:
    uri = open_store()
    number = experiment("gone", uri)
    mlflow.MlflowClient(uri).delete_experiment(number)

    with pytest.raises(UsageError, match=f"was deleted.*\n  got: gone\n.*--experiment-id {number}"):
        experiment("gone", uri)


# -- where there is none ---------------------------------------------------------------------------


def test_a_lock_that_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "PATIENCE", 0.1)
    uri = tracking_uri()
    with FileLock(tmp_path / "mlflow.db.lock"):
        with pytest.raises(BusyError, match="another process holds the lock") as busy:
            open_store()
        with pytest.raises(BusyError):
            experiment("x", uri)

    assert busy.value.exit_code == 75
    with lock(uri):
        pass


def test_the_lock_goes_with_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locking, "PATIENCE", 0.1)
    uri = tracking_uri()
    with pytest.raises(KeyError), lock(uri):
        raise KeyError
    with lock(uri):
        pass


def unavailable(uri: str, match: str) -> None:
    begun = time.monotonic()
    with pytest.raises(StagecastError, match=match) as error:
        open_store(uri)

    assert error.value.remedy
    assert time.monotonic() - begun < 10
    assert "MLFLOW_HTTP_REQUEST_MAX_RETRIES" not in os.environ


def test_a_server_that_is_not_there_is_told_soon() -> None:
    unavailable("http://127.0.0.1:9", r"cannot be opened\n  got: http://127.0.0.1:9: ")


def test_a_driver_that_is_not_there() -> None:
    unavailable("mssql+nothing://me:secret@127.0.0.1/x", r"cannot be opened\n  got: mssql\+nothing://me:\*\*\*@")


def test_an_unknown_kind_of_store() -> None:
    unavailable("s3://bucket/mlflow", "cannot be opened")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir(mode=0o500)

    unavailable("sqlite:///kept/mlflow.db", r"folder of the MLflow store cannot be written\n  got: .*Permission denied")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder that takes no file, even from root")
def test_a_folder_that_takes_no_file() -> None:
    unavailable("sqlite:////proc/mlflow.db", r"folder of the MLflow store cannot be written\n  got: /proc: ")


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")

    unavailable("sqlite:///a/mlflow.db", "folder of the MLflow store cannot be written")


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("customer_id,ordered_at\n" * 1000)

    unavailable("sqlite:///a.db", "cannot be opened\n  got: .*/a.db: file is not a database")


def test_a_database_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()

    unavailable("sqlite:///a.db", "cannot be opened")


# -- quiet -----------------------------------------------------------------------------------------


def chatter() -> None:
    from mlflow.utils.logging_utils import eprint

    warnings.warn("chatter", UserWarning, stacklevel=1)
    for name in ("mlflow", "mlflow.store.db.utils", "alembic.runtime"):
        logging.getLogger(name).error("chatter")
    eprint("chatter")


def test_quiet_keeps_everything_away_and_gives_everything_back(capfd: pytest.CaptureFixture[str]) -> None:
    loggers = [logging.getLogger(name) for name in ("mlflow", "alembic")]
    before = [logger.level for logger in loggers]
    with quiet():
        chatter()
    with pytest.raises(ZeroDivisionError), quiet():
        1 / 0  # noqa: B018

    assert [logger.level for logger in loggers] == before
    assert capfd.readouterr() == ("", "")
    with pytest.warns(UserWarning, match="chatter"):
        chatter()
    assert capfd.readouterr().err.endswith("chatter\n")


def test_quiet_within_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        with quiet():
            pass
        chatter()

    assert capfd.readouterr() == ("", "")
