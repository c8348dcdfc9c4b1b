"""The Monday of the examples with nothing made up: scored, graded, reported, tidied; and once more."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from trained_shop import AS_OF, Shop

from serving.store import open_store

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


def test_a_monday_is_done_and_changes_nothing_when_it_is_done_again(shop: Shop, tmp_path: Path) -> None:
    program = tmp_path / "bin" / "stagecast"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m stagecast.cli "$@"\n')
    program.chmod(0o755)
    told = {
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "MLFLOW_TRACKING_URI": shop.uri,
        "ORDERS": str(shop.orders),
        "STORE": str(tmp_path / "scores"),
        "CONFIG": str(shop.settings),
        "REPORT": str(tmp_path / "reports" / "week.html"),
        "AS_OF": AS_OF,
    }
    receipts = []
    for status in ("published", "unchanged"):
        done = subprocess.run(
            [ROOT / "docs" / "operations" / "weekly.sh"],
            env={**os.environ, **told},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        assert json.loads((tmp_path / "reports" / "week.html.json").read_text())["status"] == status
        first = done.stderr.splitlines()[0]
        assert json.loads(first)["command"] == "score"
        assert "<h1>Monday, 2 March 1998</h1>" in (tmp_path / "reports" / "week.html").read_text()
        receipts.append(open_store(tmp_path / "scores").receipt(AS_OF))
    assert receipts[0] == receipts[1]
