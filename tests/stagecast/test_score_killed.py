"""A scorer killed at any moment leaves the old week or the new one, and the next run succeeds unaided."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from trained_shop import Shop

SCRIPT = Path(__file__).parents[1] / "support" / "killed_scorer.py"
TIMES = int(os.environ.get("STAGECAST_KILLS", "20"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="how much a process has worked is read from /proc")
def test_killed_at_random_moments_readers_see_a_whole_week(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(shop.orders), shop.uri, str(tmp_path / "work"), str(TIMES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = done.stdout.split()
    assert len(seen) == TIMES
    assert "new" in seen
    assert not (tmp_path / "work").exists()
