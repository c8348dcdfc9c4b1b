"""A file that grows is there whole or not at all."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import StagecastError, UsageError
from features.files import growing_parquet, temporary_folder, write_parquet, write_whole

SCHEMA = pa.schema({"n": pa.int64()})


def table(*numbers: int) -> pa.Table:
    return pa.table({"n": numbers}, SCHEMA)


def test_tables_become_row_groups_of_one_file(tmp_path: Path) -> None:
    out = tmp_path / "new" / "x.parquet"
    with growing_parquet(out, SCHEMA, {"cutoffs": "now"}) as append:
        append(table(1, 2))
        append(table(3))
        assert not out.exists()
    file = pq.ParquetFile(out)
    assert file.num_row_groups == 2
    assert file.read()["n"].to_pylist() == [1, 2, 3]
    assert file.schema_arrow.metadata[b"stagecast.cutoffs"] == b"now"
    assert list(out.parent.iterdir()) == [out]


def test_an_error_on_the_way_leaves_what_stood_there(tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    write_parquet(pd.DataFrame({"n": [1]}), out, {})
    with suppress(ZeroDivisionError), growing_parquet(out, SCHEMA, {}) as append:
        append(table(2))
        _ = 1 / 0
    assert pq.read_table(out)["n"].to_pylist() == [1]
    assert list(tmp_path.iterdir()) == [out]


def test_two_at_once_to_one_place_do_not_mix(tmp_path: Path) -> None:
    out = tmp_path / "x.parquet"
    with growing_parquet(out, SCHEMA, {}) as one, growing_parquet(out, SCHEMA, {}) as two:
        one(table(1))
        two(table(2))
        one(table(1))
    assert pq.read_table(out)["n"].to_pylist() == [1, 1], "the last to end wins, whole"
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one Parquet file"), growing_parquet(tmp_path, SCHEMA, {}):
        pass


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StagecastError, match="cannot be written"), growing_parquet(tmp_path / "file" / "x", SCHEMA, {}):
        pass
    with pytest.raises(StagecastError, match="cannot be written"), temporary_folder(tmp_path / "file" / "x"):
        pass


def test_what_a_killed_process_left_is_swept_by_the_next(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; import pyarrow as pa; from features.files import *\n"
        "with temporary_folder(Path('x')) as folder, growing_parquet(Path('x'), pa.schema({'n': pa.int64()}), {}):\n"
        "    (folder / 'y').write_text('y'); os.kill(os.getpid(), 9)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=env, check=False).returncode == -9
    assert len(list(tmp_path.iterdir())) == 2
    with temporary_folder(tmp_path / "x") as mine:
        assert list(tmp_path.iterdir()) == [mine]
    assert not list(tmp_path.iterdir())


def test_the_first_process_of_a_container_sweeps_what_the_one_before_left_and_no_other_s(tmp_path: Path) -> None:
    with temporary_folder(tmp_path / "x") as mine:
        maker = mine.name.rpartition("-")[0]
        same = mine.with_name(mine.name.replace(maker, ".x.0123456789ab"))
        there, long_gone = (same.with_name(f".x.{k}-elsewhere.{os.getpid()}") for k in range(2))
        for left_over in (same, there, long_gone):
            left_over.mkdir()
        os.utime(long_gone, (0, 0))
        with growing_parquet(tmp_path / "x", SCHEMA, {}):
            assert mine.exists()
        assert sorted(tmp_path.iterdir()) == sorted([mine, there, tmp_path / "x"])


def test_threads_may_write_the_same_small_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as threads:
        written = list(threads.map(lambda k: write_whole(tmp_path / "x", bytes([k]) * 100), range(200)))
    assert set(written) == {tmp_path / "x"}
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert len(set((tmp_path / "x").read_bytes())) == 1
