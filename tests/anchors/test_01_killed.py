"""1. Killed with -9 at any point, a command leaves the old or the new, and the next run needs no help.

STAGECAST_KILLS says at how many points each command is killed, 2 by default; 50 were tried.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import faults
import numpy as np
import pytest
from published import scores
from trained_shop import AS_OF, Shop

from serving.registry import fetch

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("STAGECAST_KILLS", "2"))

Look = Callable[[], object]


def died(here: Path, at: int, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, faults.__file__, str(at), *arguments]
    return subprocess.run(command, cwd=here, env=surroundings, capture_output=True, text=True, check=False)


def promise(here: Path, arguments: list[str], look: Look, kills: int = KILLS) -> None:
    """Whoever looks while a command is killed, anywhere, sees what was there or what is to be there."""
    keep = here.with_name("before")
    shutil.copytree(here, keep)
    old = look()
    whole = died(here, 0, arguments)
    assert whole.returncode == 0, whole.stderr
    new, points = look(), int(whole.stderr.split()[-1])
    assert new != old
    beside = {path.name for path in here.rglob("*")}
    for at in sorted(set(np.linspace(1, points, kills).astype(int).tolist())):
        shutil.rmtree(here)
        shutil.copytree(keep, here)
        assert died(here, at, arguments).returncode == -signal.SIGKILL, f"point {at} of {points}"
        assert look() in (old, new), f"a mixture after point {at} of {points}"
        again = died(here, 0, arguments)
        assert again.returncode == 0, again.stderr
        assert look() == new
        left_over = {path.name for path in here.rglob(".*")} - beside
        assert not left_over, f"left behind after point {at} of {points}"


@pytest.fixture
def here(shop: Shop, tmp_path: Path) -> Path:
    """A working folder with the orders, the settings and the store of MLflow."""
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("mlflow.db", "stagecast.toml", "stagecast.parquet"):
        shutil.copy(shop.folder / name, folder)
    return folder


def with_store(here: Path, *arguments: str) -> list[str]:
    return [*arguments, "--config", "stagecast.toml", "--tracking-uri", f"sqlite:///{here}/mlflow.db"]


def test_features(here: Path) -> None:
    """Also that the way in which this is found out finds a writer that writes in place: see below."""
    (here / "out.parquet").write_text("old")
    asked = ["features", "stagecast.parquet", "--cutoffs", AS_OF, "--out", "out.parquet", "--select", "recency"]
    promise(here, asked, (here / "out.parquet").read_bytes)


def test_score(shop: Shop, here: Path) -> None:
    shop.frame[shop.frame["customer_id"] < "10000"].to_parquet(here / "half.parquet", index=False)
    wanted = ["--as-of", AS_OF, "--out", str(here / "scores")]
    assert died(here, 0, with_store(here, "score", "half.parquet", *wanted)).returncode == 0
    asked = with_store(here, "score", "stagecast.parquet", *wanted)
    promise(here, asked, lambda: tuple(sorted(scores(here / "scores")["customer_id"])))


def test_promote(here: Path) -> None:
    store = f"sqlite:///{here}/mlflow.db"
    asked = with_store(here, "train", "stagecast.parquet", "--as-of", AS_OF)
    assert died(here, 0, asked).returncode == 0
    force = with_store(here, "promote", "--force", "--reason", "a test")
    promise(here, force, lambda: fetch("stagecast@champion", store).version)


def test_train(here: Path) -> None:
    store = f"sqlite:///{here}/mlflow.db"

    def look() -> int:
        assert fetch("stagecast@champion", store).version == 1
        return fetch("stagecast@challenger", store).version

    promise(here, with_store(here, "train", "stagecast.parquet", "--as-of", AS_OF), look)


def test_a_writer_in_place_is_noticed(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: half of the new over the old."""
    (here / "out.parquet").write_text("old")
    careless = here.with_name("careless.py")
    careless.write_text(
        "import sys; sys.path.insert(0, __import__('os').environ['FAULTS'])\n"
        "import contextlib, faults, features.files\n"
        "@contextlib.contextmanager\n"
        "def in_place(path):\n"
        "    path.write_text('half of the new')\n"
        "    yield path\n"
        "assert features.files._swept\n"
        "features.files._swept = in_place\n"
        "faults.main()\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("FAULTS", str(Path(faults.__file__).parent))
    monkeypatch.setattr(faults, "__file__", str(careless))
    asked = ["stages", "stagecast.parquet", "--as-of", AS_OF, "--out", "out.parquet"]
    with pytest.raises(AssertionError, match="a mixture"):
        promise(here, asked, (here / "out.parquet").read_bytes, kills=10)
