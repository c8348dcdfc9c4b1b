"""3. However many publish a week at once, one whole week stands, and who lost says so; weeks do not disturb each other.

Real processes do so in `tests/serving/store/test_delta.py`, `stagecast score` itself in the job's tests.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_weeks import WEEK, made_stamp, made_week
from published import scores

from features.errors import BusyError
from serving.store import open_store
from serving.store.delta.weeks import Weeks
from serving.store.place import Folder

Publish = Callable[[Path, str, int], None]
BOTH = Barrier(2)
WEEKS = ["2011-06-06", "2011-06-13", "2011-06-20"]


def careful(folder: Path, as_of: str, seed: int) -> None:
    with suppress(BusyError):
        open_store(folder).publish([made_week(as_of, 300, seed)], made_stamp(as_of, job=seed))


def careless(folder: Path, as_of: str, seed: int) -> None:
    """The planted fault: what stood there goes, then the new file comes, and nobody is kept out."""
    week = folder / f"as_of={as_of}"
    week.mkdir(parents=True, exist_ok=True)
    for old in week.iterdir():
        old.unlink(missing_ok=True)
    BOTH.wait(10)
    pq.write_table(pa.Table.from_batches([made_week(as_of, 300, seed)]), week / f"{uuid.uuid4().hex}.parquet")


def rows(folder: Path) -> pd.DataFrame:
    if (folder / "_delta_log").exists():
        return scores(folder)
    return pd.concat([pd.read_parquet(path, partitioning=None) for path in folder.glob("*/*.parquet")])


def promise(publish: Publish, folder: Path, at_once: int) -> None:
    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(lambda seed: publish(folder, WEEK, seed), range(1, at_once + 1)))
    week = rows(folder)
    assert len(week) == week["customer_id"].nunique() == 300, "rows are doubled or missing"
    assert week["model_version"].nunique() == 1, "a mixture of two publishers"


@pytest.mark.parametrize("at_once", [2, 4])
def test_one_week(tmp_path: Path, at_once: int) -> None:
    promise(careful, tmp_path / "scores", at_once)


def test_a_store_without_a_commit_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="doubled or missing"):
        promise(careless, tmp_path / "scores", 2)


def test_other_weeks_all_land(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.publish([made_week(WEEKS[0], 50)], made_stamp(WEEKS[0]))
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda as_of: store.publish([made_week(as_of, 300)], made_stamp(as_of)), WEEKS))
    assert store.weeks() == WEEKS
    assert scores(tmp_path).groupby("as_of", observed=True).size().tolist() == [300] * 3


def test_the_loser_is_told_to_try_later(tmp_path: Path) -> None:
    open_store(tmp_path).publish([made_week(WEEK, 50)], made_stamp(WEEK))
    with Weeks(Folder(tmp_path)).alone(WEEK), pytest.raises(BusyError) as error:
        open_store(tmp_path).publish([made_week(WEEK, 50, 1)], made_stamp(WEEK, job=2))
    assert error.value.exit_code == 75
