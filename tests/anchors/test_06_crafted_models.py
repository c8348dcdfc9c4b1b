"""6. What somebody smuggled into a model is never run: not by its loader, not as code, not as a pickle."""

import pickle
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import mlflow
import pytest
from trained_shop import AS_OF, Shop

from features.model.store import quiet
from serving.registry import fetch


class Bomb:
    """Runs when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (str(self.marker), "w")


@pytest.fixture
def marker(shop: Shop, tmp_path: Path) -> Iterator[Path]:
    """A file that appears when the champion's artifact, crafted to run code, gets its way."""
    model, path = shop.bundle.parents[1], tmp_path / "ran"
    shutil.copytree(model, tmp_path / "as it was")
    (model / "code").mkdir()
    (model / "code" / "crafted.py").write_text(
        f"open({str(path)!r}, 'w').close()\ndef _load_pyfunc(path): return None\n", encoding="utf-8"
    )
    written = (model / "MLmodel").read_text("utf-8")
    assert "serving.pyfunc" in written
    crafted = written.replace("loader_module: serving.pyfunc", "loader_module: crafted\n    code: code")
    (model / "MLmodel").write_text(crafted, encoding="utf-8")
    (model / "python_model.pkl").write_bytes(pickle.dumps(Bomb(path)))
    yield path
    sys.modules.pop("crafted", None)
    shutil.rmtree(model)
    shutil.copytree(tmp_path / "as it was", model)


def promise(load: Callable[[], object], marker: Path) -> None:
    load()
    assert not marker.exists(), "foreign code ran"


def test_what_was_smuggled_in_is_not_run(run, shop: Shop, marker: Path) -> None:
    promise(lambda: fetch("stagecast@champion", shop.uri), marker)
    store = ["--config", shop.settings, "--tracking-uri", shop.uri]
    promise(lambda: run("score", shop.orders, "--as-of", AS_OF, "--out", "scores", *store), marker)


def test_mlflows_own_loader_is_noticed(shop: Shop, marker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault, and the proof that the artifact is a live one."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def carelessly() -> None:
        with quiet(), suppress(mlflow.MlflowException):  # what was loaded is no model
            mlflow.set_registry_uri(shop.uri)
            mlflow.set_tracking_uri(shop.uri)
            mlflow.pyfunc.load_model(f"models:/stagecast/{shop.registered.version}")

    with pytest.raises(AssertionError, match="foreign code ran"):
        promise(carelessly, marker)


def test_the_pickle_is_a_live_one(marker: Path, shop: Shop) -> None:
    pickle.loads((shop.bundle.parents[1] / "python_model.pkl").read_bytes()).close()
    assert marker.exists()
