"""`stagecast forget`: out of every week, version, document and file, and what is left is told."""

from pathlib import Path

import mlflow
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from made_weeks import made_stamp, made_week
from published import scores

from features.model.store import experiment, quiet
from features.model.store import open_store as tracking_store
from serving.erasure import erasing
from serving.erasure.trace import trace
from serving.erasure.who import Who
from serving.privacy import KEY, hashed
from serving.store import Forgotten, Store, open_store

WEEKS = ["2011-06-06", "2011-06-13"]
IDS = ["c000007", "../../x", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "顾" * 3000, "-1"]
EVERYBODY = sorted([f"c{number:06d}" for number in range(40)] + IDS[1:])


@pytest.fixture
def store(run, tmp_path: Path) -> Store:
    """Two weeks, one of them replaced once, with a document that names customers; and files beside them."""
    made = open_store("scores")
    for seed, as_of in enumerate([WEEKS[0], *WEEKS]):
        made.publish([made_week(as_of, EVERYBODY, seed)], made_stamp(as_of, job=seed + 1))
        made.keep("moved", as_of, {"risen": [{"customer_id": name, "risk": 0.5} for name in EVERYBODY], "rows": 45})
    return made


def clean(places: list[Path], customer: str) -> list[Path]:
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    return [path for path in files if trace(path, Who(customer))]


@pytest.mark.parametrize("customer", IDS)
def test_nobody_finds_a_forgotten_customer_anywhere(run, store: Store, customer: str) -> None:
    Path("exports").mkdir()
    table = pa.Table.from_pandas(scores("scores"), preserve_index=False)
    pq.write_table(table, "exports/week.parquet")
    table.to_pandas()[["customer_id", "p_order"]].to_csv("exports/week.csv", index=False)
    Path("quarantine").mkdir()
    pd.DataFrame({"customer_id": EVERYBODY, "reason": "x"}).to_parquet("quarantine/q.parquet", index=False)
    places = [Path("scores"), Path("exports"), Path("quarantine")]
    assert len(clean(places, customer)) >= 6

    done = run("forget", "--", customer, "scores", "exports")

    assert done.code == 0, done.err
    assert done.last == "Nothing that was searched names the customer any more."
    assert customer not in done.out + done.err
    assert clean(places, customer) == []
    for as_of in WEEKS:
        assert [receipt.rows for receipt in store.versions(as_of)] == [len(EVERYBODY) - 1]
        kept = store.kept("moved", as_of)
        assert kept is not None
        assert len(kept["risen"]) == len(EVERYBODY) - 1
    for left in (scores("scores"), pd.read_parquet("exports/week.parquet"), pd.read_csv("exports/week.csv")):
        assert set(left["customer_id"]) == set(EVERYBODY) - {customer}
    assert run("forget", "--", customer, "scores", "exports").code == 0, "forgetting again"


def test_the_others_keep_their_rows_to_the_bit(run, store: Store) -> None:
    before = scores("scores").sort_values(["as_of", "customer_id"]).reset_index(drop=True)
    assert run("forget", "c000007", "scores").code == 0
    after = scores("scores").sort_values(["as_of", "customer_id"]).reset_index(drop=True)
    expected = before[before["customer_id"] != "c000007"].reset_index(drop=True)
    pd.testing.assert_frame_equal(after, expected, check_exact=True)


def test_what_cannot_be_cleared_is_told_and_is_no_success(run, store: Store) -> None:
    Path("notes").mkdir()
    Path("notes/mail.txt").write_text("please call customer c000007 today")
    Path("notes/c.bin").write_bytes(b"\xff\xfe c000007-and-more \xff")
    done = run("forget", "c000007-and-more", "scores", "notes")
    assert done.code == 1
    assert "something still names the customer" in done.err
    assert "notes/c.bin: the bytes" in done.err


@pytest.mark.parametrize("part", ["store", "files"])
def test_a_half_hearted_removal_is_noticed(run, store: Store, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """The planted faults: rows stay in the table, or in a file."""
    pq.write_table(pa.Table.from_pandas(scores("scores")), "x.parquet")
    if part == "store":
        nothing = Forgotten(rows={}, versions=0, documents=[])
        monkeypatch.setattr(type(store), "forget", lambda *_: nothing)
        done = run("forget", "c000007", "scores")
    else:
        monkeypatch.setattr(erasing, "remove", lambda *_: None)
        done = run("forget", "c000007", "scores", "x.parquet")
    assert done.code == 1
    assert "something still names the customer" in done.err


def test_pages_go_whole_also_under_hashed_names(run, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, "k" * 32)
    Path("s.toml").write_text('[serving.privacy]\nids = "hashed"\n')
    name = hashed("c000007", b"k" * 32)
    Path("scores/_reports").mkdir()
    for page, who in (("report", name), ("other", "nobody")):
        Path(f"scores/_reports/{page}.html").write_text(f"<p>{who}</p>")
    done = run("forget", "c000007", "scores", "--config", "s.toml")
    assert done.code == 0, done.err
    assert [path.name for path in Path("scores").rglob("*.html")] == ["other.html"]
    assert "k" * 32 not in done.out + done.err


@pytest.mark.parametrize(
    ("arguments", "code"), [(["c1", "nowhere"], 2), (["", "scores"], 2), (["c1", "scores", "nowhere"], 2)]
)
def test_what_is_not_there(run, store: Store, arguments: list[str], code: int) -> None:
    assert run("forget", *arguments).code == code


def test_files_of_mlflow_are_cleared(run, store: Store) -> None:
    """A page that somebody logged: it is found in the folder in which the store keeps its files."""
    uri = f"sqlite:///{Path.cwd()}/mlflow.db"
    place = experiment("scoring", tracking_store(uri))
    with quiet(), mlflow.start_run(experiment_id=place):
        mlflow.log_text("<td>c000007</td>", "report.html")
        mlflow.log_text("customer_id\nc000007\nc000008\n", "top.csv")
    done = run("forget", "c000007", "scores", "--tracking-uri", uri)
    assert done.code == 0, done.err
    (left,) = [path for path in Path("mlartifacts").rglob("*") if path.is_file()]
    assert left.read_text().split() == ["customer_id", "c000008"]


def test_unfinished_work_is_thrown_away(run, store: Store) -> None:
    work = Path("scores/_work/2011-06-20/key")
    work.mkdir(parents=True)
    (work / "00000.arrow").write_bytes(b"\x07\0\0\0c000007")
    done = run("forget", "c000007", "scores")
    assert done.code == 0, done.err
    assert not work.exists()


def test_a_file_that_cannot_be_written_is_an_error(run, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    pq.write_table(pa.Table.from_pandas(scores("scores")), "x.parquet")
    monkeypatch.setattr(erasing, "remove", full)
    done = run("forget", "c000007", "scores", "x.parquet")
    assert done.code == 1
    assert "run it again" in done.err
