"""The comparison of explanations runs, and its contestants agree."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
COMPARE = Path(__file__).parents[2] / "benchmarks" / "explain" / "compare.py"


def test_stagecast_says_what_lightgbm_says_in_less_time():
    few = ["--rows", "3000", "--more", "5000", "--features", "20", "--rounds", "60"]
    done = subprocess.run([sys.executable, str(COMPARE), *few], check=True, stdout=subprocess.PIPE, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["stagecast"]["off"] < 1e-9
    assert found["stagecast"]["cpu_s"] < found["lightgbm"]["cpu_s"]
    assert found["concepts"]["rows"] == 5000
