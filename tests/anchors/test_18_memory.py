"""18. What is streamed stays within a limit that the system enforces, however long the log is.

The whole promise about size is measured by `make bench-features` and `make bench-scoring`; here a log of a
million lines has to pass within a limit in which it does not fit when it is held as a whole.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

LINES, CUSTOMERS = 1_000_000, 200_000
LIMITED = """
import resource, sys
import stagecast.feature_file, features.partitions.build, lightgbm  # what is loaded anyway does not count
from pathlib import Path
from stagecast.cli import main
held = next(line for line in open("/proc/self/status") if line.startswith("VmData"))
limit = int(held.split()[1]) * 1024 + int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
sys.argv = ["stagecast", *sys.argv[2:]]
main()
"""

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")]


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("large") / "orders.parquet"
    pd.DataFrame(
        {
            "customer_id": [f"customer {k:07}" for k in rng.integers(0, CUSTOMERS, LINES)],
            "ordered_at": np.datetime64("2023-01-01", "s") + rng.integers(0, 700 * 86400, LINES),
            "amount": rng.gamma(2, 20, LINES).round(2),
        }
    ).to_parquet(path, index=False, row_group_size=100_000)
    return path


def ended(orders: Path, folder: Path, megabytes: int, partition_lines: int) -> subprocess.CompletedProcess[str]:
    settings = folder / "settings.toml"
    settings.write_text(f"[features]\nthreads = 1\npartition_lines = {partition_lines}\n", encoding="utf-8")
    asked = ["features", str(orders), "--cutoffs", "2024-09-02,2024-10-07,2024-11-04,2024-12-02"]
    asked += ["--out", str(folder / "out.parquet"), "--config", str(settings)]
    command = [sys.executable, "-c", LIMITED, str(megabytes), *asked]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def promise(orders: Path, folder: Path, partition_lines: int) -> None:
    done = ended(orders, folder, 450, partition_lines)
    assert done.returncode == 0, done.stderr
    assert pq.read_metadata(folder / "out.parquet").num_rows > 3.5 * CUSTOMERS


def test_within_the_limit(orders: Path, tmp_path: Path) -> None:
    promise(orders, tmp_path, 50_000)


def test_a_log_held_as_a_whole_is_noticed(orders: Path, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="out of memory"):
        promise(orders, tmp_path, 10_000_000)
    assert not (tmp_path / "out.parquet").exists()
