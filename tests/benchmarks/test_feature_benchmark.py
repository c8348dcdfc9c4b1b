import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COMPARE = Path(__file__).parents[2] / "benchmarks" / "features" / "compare.py"


def test_all_contestants_agree_and_the_last_line_says_what_they_used(tmp_path):
    few = ["--customers", "500", "--small", "300", "--cutoffs", "13", "--cache", str(tmp_path)]
    done = subprocess.run([sys.executable, str(COMPARE), *few], check=True, stdout=subprocess.PIPE, text=True)
    *told, last = done.stdout.splitlines()
    found = json.loads(last)
    assert (found["customers"], found["cutoffs"], found["features"]) == (500, 13, 91)
    peers = {"duckdb", "polars", "pandas", "pandas_planned"}
    assert set(found["cpu_s"]) == set(found["peak_gb"]) == {"stagecast", "read"} | peers
    assert {name for name in peers for line in told if line.startswith(f"{name}: 91 ")} == peers
    assert min(found["cpu_s"].values()) > 0


KILLED = """
from pathlib import Path
import compare
compare.PYTHON["polars"] = ("sh", "-c", "kill -9 $$")
print(compare.compare(Path("orders.parquet"), 1, ["polars"]))
"""


def test_whom_the_system_kills_is_told_and_the_others_go_on(tmp_path):
    told = subprocess.run(
        [sys.executable, "-c", KILLED],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(COMPARE.parent)},
    ).stdout
    assert told.split() == ["polars", "does", "not", "fit", "into", "memory", "{'polars':", "None}"]
    assert not list(tmp_path.iterdir())
