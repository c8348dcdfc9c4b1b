"""A team's store: runs in PostgreSQL, models and pictures in a folder, straight or behind an MLflow server."""

from collections.abc import Iterator
from pathlib import Path

import mlflow
import postgres_server
import pytest
from mlflow_server import mlflow_server
from run_store import NAME, SOURCE

from features.errors import UsageError
from features.model.store import quiet
from serving.registry import fetch
from training import promote
from training.config import TrainingConfig
from training.tracking import Version, publish
from training.train import Trained

pytestmark = pytest.mark.slow

CONFIG = TrainingConfig(fit_weeks=8, validity_resamples=0, threads=1)


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres_server.database("psycopg") as address:
        yield address


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder in which nothing must be left, and MLflow as it was."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    yield folder
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri("")
    assert list(folder.iterdir()) == []


def kept_whole(version: Version, trained: Trained, artifacts: Path) -> None:
    """The version scores like the model it was, its run is whole, and its files lie in the folder."""
    fetched = fetch(f"{NAME}@challenger", version.uri)
    assert (fetched.version, fetched.digest) == (version.version, version.digest)
    assert fetched.model.boosters == trained.model.boosters
    client = mlflow.MlflowClient(version.uri, version.uri)
    with quiet():
        run = client.get_run(version.run_id)
        plots = {Path(file.path).name for file in client.list_artifacts(version.run_id, "plots")}
        card = client.get_registered_model(NAME).description
    assert run.info.status == "FINISHED"
    assert "**Gate " in run.data.tags["mlflow.note.content"]
    assert {"ladder.png", "reliability.png"} <= plots
    assert "**What it cannot do.**" in card
    assert len(list(artifacts.rglob("manifest.json"))) == version.version


def test_a_database_of_its_own_needs_a_place_for_files(database: str, trained: Trained) -> None:
    with pytest.raises(UsageError, match="need a place of their own") as caught:
        publish(trained, SOURCE, CONFIG, database, "{}")

    assert 'artifacts = "/FOLDER" under [training]' in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_straight_into_a_database(database: str, trained: Trained, tmp_path: Path) -> None:
    files = tmp_path / "files"
    config = CONFIG.model_copy(update={"artifacts": str(files)})
    version = publish(trained, SOURCE, config, database, "{}")
    kept_whole(version, trained, files)

    moved = promote.promote(NAME, version.version, None, database, promote.Terms(reason="a test"))
    assert (moved.version, fetch(f"{NAME}@champion", database).version) == (version.version, version.version)


def test_behind_a_server(database: str, trained: Trained, tmp_path: Path) -> None:
    files = tmp_path / "served"
    store = database.replace("/postgres", "/served")
    make_database(database, "served")
    with mlflow_server(store, files, tmp_path / "server.log") as address:
        kept_whole(publish(trained, SOURCE, CONFIG, address, "{}"), trained, files)


def make_database(address: str, name: str) -> None:
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]  # a name of our own
