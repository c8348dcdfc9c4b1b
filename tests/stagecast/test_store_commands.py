"""`stagecast export` and `stagecast tidy`."""

from pathlib import Path

import pytest
from made_weeks import WEEK, made_stamp, made_week

from serving.store import open_store

NEXT = "2011-06-13"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    store = open_store(tmp_path / "scores")
    store.publish([made_week()], made_stamp())
    store.publish([made_week(seed=1)], made_stamp(job=2))
    store.publish([made_week(NEXT)], made_stamp(NEXT))
    return tmp_path / "scores"


def test_export_writes_the_newest_week_or_the_one_named(run, store: Path, tmp_path: Path) -> None:
    out = tmp_path / "week.csv"
    done = run("export", store, "--out", out, "--columns", "customer_id, stage")
    assert (done.code, done.last) == (0, f"Scores of 50 customers at {NEXT} are in {out}")
    assert out.read_text(encoding="utf-8-sig").splitlines()[0] == '"customer_id","stage"'
    done = run("export", store, "--out", out, "--as-of", WEEK)
    assert done.last == f"Scores of 50 customers at {WEEK} are in {out}"


@pytest.mark.parametrize(
    ("wanted", "code", "words"),
    [
        (["--as-of", "2011-06-20"], 3, "no such scores"),
        (["--as-of", "../../x"], 2, "named by its cut-off"),
        (["--version", "99"], 3, "no such scores"),
        (["--columns", "password"], 2, "no such column"),
    ],
)
def test_export_refuses_what_there_is_not(run, store: Path, wanted: list[str], code: int, words: str) -> None:
    done = run("export", store, "--out", "week.csv", *wanted)
    assert done.code == code
    assert words in done.err
    assert not Path("week.csv").exists()


def test_tidy_tells_what_went(run, store: Path) -> None:
    done = run("tidy", store, "--keep-weeks", "1", "--keep-days", "0")
    assert (done.code, done.out.splitlines()) == (
        0,
        [f"Weeks that went: {WEEK}", f"{store} is tidy: 1 weeks and 2 versions went."],
    )
    assert run("tidy", store).last == f"{store} is tidy: 0 weeks and 0 versions went."
    assert run("export", store, "--out", "week.parquet").code == 0


def test_an_empty_store_is_told(run, tmp_path: Path) -> None:
    assert run("export", tmp_path / "none", "--out", "week.csv").code == 3
    assert run("tidy", tmp_path / "none").code == 0
    assert not (tmp_path / "none").exists()
