"""19. `--help` imports nothing heavy, so that it answers at once; Ctrl-C ends with 130 and leaves nothing half made."""

import subprocess
import sys
from pathlib import Path

import pytest
from command_line import Run

from stagecast.commands import orders

HEAVY = {"pandas", "numpy", "pyarrow", "mlflow", "lightgbm", "sklearn", "matplotlib", "numba", "scipy", "deltalake"}


def promise(first: str) -> None:
    code = f"{first}\nimport sys, stagecast.cli\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split()), "the command line loads slowly"


def test_the_command_line_is_light() -> None:
    promise("")


def test_a_heavy_import_is_noticed() -> None:
    with pytest.raises(AssertionError, match="loads slowly"):
        promise("import numpy")


def test_interrupted_it_says_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(orders, "check", interrupt)
    assert run("check", "orders.csv").code == 130
    assert not list(Path().iterdir())
