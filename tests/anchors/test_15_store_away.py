"""15. A store that fails when the model is done loses nothing: the run and the model are kept here, and scored with.

Scoring while the registry is away is in the job's tests: models are kept by the sum of their bytes.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pytest
from trained_shop import AS_OF, Shop

from features.errors import BusyError, StagecastError
from serving.registry import fetch
from stagecast import unregistered
from stagecast.unregistered import FOLDER, or_kept

STORE = "http://mlflow.example:5000"


@dataclass(frozen=True)
class Registered:
    name: str
    version: int


def failing(error: Exception, also_here: bool = False) -> Callable[[str | None], Registered]:
    """A server that fails; with `also_here` the disk of this machine fails, too."""

    def publish(uri: str | None) -> Registered:
        if uri == STORE or also_here:
            raise error
        return Registered("stagecast", 1)

    return publish


ERRORS = [
    mlflow.MlflowException("500: internal error at http://user:secret@mlflow.example:5000"),
    ConnectionError("connection refused"),
    TimeoutError(),
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    BusyError("another process holds the lock"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_work_is_kept_and_told(error: Exception) -> None:
    with pytest.raises(StagecastError) as told:
        or_kept(failing(error), STORE)
    assert "could not be registered" in str(told.value)
    assert "nothing is lost" in str(told.value)
    assert f"{FOLDER}/mlflow.db --model stagecast/1" in str(told.value)
    assert "secret" not in str(told.value)
    assert told.value.exit_code == (75 if isinstance(error, BusyError) else 1)


def test_where_nothing_can_be_kept_that_is_said() -> None:
    with pytest.raises(StagecastError, match=r"nor could it be kept in unregistered"):
        or_kept(failing(OSError(28, "No space left on device"), also_here=True), STORE)


@pytest.mark.slow
def test_train_and_score(run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server fails in the middle of the run; what is kept is a whole run, and its model scores."""
    log_model, failures = mlflow.pyfunc.log_model, [mlflow.MlflowException("500: internal error")]

    def failing_once(*arguments: object, **more: object) -> object:
        if failures:
            raise failures.pop()
        return log_model(*arguments, **more)

    monkeypatch.setattr(mlflow.pyfunc, "log_model", failing_once)
    uri = f"sqlite:///{Path.cwd()}/mlflow.db"
    done = run("train", shop.orders, "--as-of", AS_OF, "--config", shop.settings, "--tracking-uri", uri)
    assert done.code == 1
    assert "nothing is lost" in done.err
    here = f"sqlite:///{Path.cwd()}/{FOLDER}/mlflow.db"
    kept = fetch("stagecast/1", here)
    assert kept.digest == shop.registered.digest, "another model"
    wanted = ["--config", shop.settings, "--tracking-uri", here, "--model", "stagecast/1"]
    assert run("score", shop.orders, "--as-of", AS_OF, "--out", "scores", *wanted).code == 0
    assert mlflow.MlflowClient(here).get_run(kept.run_id).info.status == "FINISHED"


def test_a_trainer_that_gives_up_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: the error is handed on, and hours of work are gone."""
    monkeypatch.setattr(unregistered, "_told", lambda error, _: StagecastError(str(error)))
    with pytest.raises(AssertionError):
        test_the_work_is_kept_and_told(ERRORS[1])
