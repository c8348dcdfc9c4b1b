"""2. Whenever the disk is full or fails, the exit code says so, the old stands, and nothing is left beside it."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from faults import failing, fault
from published import scores
from trained_shop import AS_OF, Shop

from features.errors import StagecastError
from features.files import write_parquet

ERRORS = [errno.ENOSPC, errno.EIO, errno.EACCES]
OLD, NEW = pd.DataFrame({"n": [1]}), pd.DataFrame({"n": [2, 3]})

Write = Callable[[pd.DataFrame, Path], None]


def careful(table: pd.DataFrame, path: Path) -> None:
    write_parquet(table, path, {})


def in_place(table: pd.DataFrame, path: Path) -> None:
    """The planted fault: a file that is written where readers look."""
    with path.open("wb") as file:
        table.to_parquet(file)
        file.flush()
        os.fsync(file.fileno())


def promise(write: Write, folder: Path, number: int) -> None:
    """Each fault point fails once: then the old file is whole, and there is nothing else."""
    path = folder / "table.parquet"
    write(OLD, path)
    with fault(folder, 0, failing(number)) as faults:
        write(NEW, path)
    points = faults.seen
    assert points >= 2
    for at in range(1, points + 1):
        write(OLD, path)
        with fault(folder, at, failing(number)):
            try:
                write(NEW, path)
                failed = False
            except (StagecastError, OSError):
                failed = True
        assert path.stat().st_size, f"an empty file after point {at}"
        pd.testing.assert_frame_equal(pd.read_parquet(path), OLD if failed else NEW, check_dtype=False)
        assert [left.name for left in folder.iterdir()] == [path.name], f"point {at}"


@pytest.mark.parametrize("number", ERRORS)
def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path, number: int) -> None:
    promise(careful, tmp_path, number)


def test_a_writer_in_place_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        promise(in_place, tmp_path, errno.ENOSPC)


def test_a_command_says_what_failed(run, shop: Shop) -> None:
    Path("out.parquet").write_text("old")
    asked = ["stages", shop.orders, "--as-of", AS_OF, "--out", "out.parquet"]
    with fault(Path.cwd(), 2, failing(errno.ENOSPC)):
        done = run(*asked)
    assert done.code == 1
    assert "No space left on device" in done.err
    assert "to do: free some space" in done.err
    assert Path("out.parquet").read_text() == "old"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own of 40 MB, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if not made or made.returncode:
        pytest.skip("this user may mount no file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_that_is_really_full(shop: Shop, small_disk: Path) -> None:
    """Filled to the last byte, it keeps the week that was scored; with space again the next one lands."""
    command = [sys.executable, "-m", "stagecast.cli", "score", str(shop.orders), "--out", str(small_disk / "scores")]
    command += ["--config", str(shop.settings), "--tracking-uri", shop.uri, "--as-of"]

    def scored(as_of: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, as_of], capture_output=True, text=True, check=False)

    assert scored(AS_OF).returncode == 0
    before = scores(small_disk / "scores")
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        while True:
            try:
                os.write(file.fileno(), bytes(1 << 12))
            except OSError:
                break
    refused = scored("1998-03-09")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "to do:" in refused.stderr
    pd.testing.assert_frame_equal(scores(small_disk / "scores"), before)
    filler.unlink()
    assert scored("1998-03-09").returncode == 0
    assert set(scores(small_disk / "scores")["as_of"]) == {AS_OF, "1998-03-09"}
