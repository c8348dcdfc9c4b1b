"""The feature file: what `features` gives, whole or not there, however the work was parted."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from odd_lines import CUTOFFS, ODD, some_lines

import stagecast
from features.errors import DataError, UsageError
from stagecast.config import Config


def settings(lines: int, threads: int = 1) -> Config:
    return Config.model_validate({"features": {"partition_lines": lines, "threads": threads, "windows": [4, 13]}})


@pytest.fixture(scope="module")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("orders") / "orders.parquet"
    some_lines([*ODD[3:], *(f"c{k}" for k in range(300))], lines=6000).to_parquet(path, row_group_size=700)
    return path


def test_the_file_holds_what_features_gives_in_however_many_parts(orders: Path, tmp_path: Path) -> None:
    want = stagecast.features(str(orders), CUTOFFS, settings(6000))
    files = set()
    for lines, threads in [(6000, 1), (3500, 2), (900, 1), (900, 2)]:
        made = stagecast.write_features(str(orders), CUTOFFS, tmp_path / "f.parquet", settings(lines, threads))
        files.add((tmp_path / "f.parquet").read_bytes())
    assert len(files) == 1
    assert (made.snapshots, made.features, made.cutoffs) == (len(want), want.shape[1] - 2, 2)
    got = pd.read_parquet(tmp_path / "f.parquet")
    pd.testing.assert_frame_equal(got, want.astype({"cutoff": got["cutoff"].dtype}), check_exact=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "f.parquet"]


def test_a_given_spec_and_clean_orders_give_the_same_file(orders: Path, tmp_path: Path) -> None:
    spec = stagecast.stage_spec(str(orders), CUTOFFS[1], settings(6000))
    clean = stagecast.check(str(orders))
    one, two = tmp_path / "one.parquet", tmp_path / "two.parquet"
    stagecast.write_features(str(orders), CUTOFFS, one, settings(900), ["recency", "stage*"], spec)
    stagecast.write_features(clean, CUTOFFS, two, settings(6000), ["recency", "stage*"], spec)
    assert one.read_bytes() == two.read_bytes()


def test_an_error_leaves_what_stood_there(orders: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.parquet"
    out.write_text("mine")
    returns = pd.read_parquet(orders).assign(is_return=True)
    with pytest.raises(DataError, match="no customer is known"):
        stagecast.write_features(returns, CUTOFFS, out, settings(900))
    with pytest.raises(UsageError, match="no feature has such a name"):
        stagecast.write_features(str(orders), CUTOFFS, out, settings(900), ["moon"])
    with pytest.raises(DataError, match="no orders before"):
        stagecast.write_features(str(orders), ["2019-03-04"], out, settings(900))
    with pytest.raises(UsageError, match="no cut-off"):
        stagecast.write_features(str(orders), [], out, settings(900))
    assert out.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.slow
def test_killed_half_way_the_old_file_stands_and_the_next_run_sweeps(orders: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.parquet"
    out.write_text("mine")
    child = started(orders, out, "ff.TableMaker.__call__ = lambda *_: time.sleep(60)")
    assert child.stderr is not None
    assert any("build the features, part 1 of " in line for line in child.stderr), "all lines are parted"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert out.read_text() == "mine"
    (left_over,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert any(left_over.iterdir()), "the runs of the killed process"
    stagecast.write_features(str(orders), CUTOFFS, out, settings(900), ["recency"])
    assert list(tmp_path.iterdir()) == [out]
    assert len(pd.read_parquet(out))


@pytest.mark.slow
def test_two_at_once_to_one_place_each_write_a_whole_file(orders: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.parquet"
    children = [started(orders, out, "") for _ in range(2)]
    assert [child.wait(60) for child in children] == [0, 0]
    for child in children:
        child.communicate()
    whole = out.read_bytes()
    stagecast.write_features(str(orders), CUTOFFS, out, settings(6000), ["recency"])
    assert whole == out.read_bytes()
    assert list(tmp_path.iterdir()) == [out]


def started(orders: Path, out: Path, first: str) -> "subprocess.Popen[str]":
    """A process that writes the feature file, in parts, and says what it is doing."""
    code = f"""
import time
import stagecast.feature_file as ff
from stagecast.config import Config
from stagecast.progress import steps
{first}
config = Config.model_validate({{"features": {{"partition_lines": 900, "windows": [4, 13]}}}})
with steps("features"):
    ff.write_features({str(orders)!r}, {CUTOFFS}, {str(out)!r}, config, ["recency"])
"""
    path = {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen([sys.executable, "-c", code], env=os.environ | path, stderr=subprocess.PIPE, text=True)
