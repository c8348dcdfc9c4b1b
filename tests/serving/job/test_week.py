"""A week is the same however it was made: in one piece or in parts, at once or in two goes."""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from memory_store import MemoryStore, digest_of
from trained_shop import AS_OF, Shop

import stagecast
from features.clock import to_day
from features.errors import BusyError, DataError
from features.files import temporary_folder
from features.orders import OrderLog
from features.sets.features import Beside
from serving.config import ServingConfig
from serving.contract import SCHEMA
from serving.gates import FACTS, Finding
from serving.job import week
from serving.job.bench import bench
from serving.job.intake import Intake
from serving.job.part import Part
from serving.job.week import Done, HeldBackError, Job, score_week
from serving.scorer import Scorer

DAY = to_day(date.fromisoformat(AS_OF))
MANY = 10**9

Score = Callable[..., Done]


@pytest.fixture(scope="module")
def log(shop: Shop) -> OrderLog:
    return stagecast.check(shop.frame).log


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def score(shop: Shop, log: OrderLog, store: MemoryStore, tmp_path: Path) -> Score:
    """Score the week into `store`, with at most `lines` lines a part, the log coming in so many batches."""

    def run(lines: int = MANY, batches: int = 1, threads: int = 1, orders: OrderLog = log) -> Done:
        scorer = Scorer(shop.registered, ServingConfig(threads=threads), Beside(), DAY)
        with bench(tmp_path / "work", AS_OF) as held, temporary_folder(held.folder / "orders") as folder:
            intake = Intake(DAY, shop.registered.model.contract.columns, lines, folder)
            for rows in np.array_split(np.arange(len(orders)), batches):
                intake.add(orders.rows(rows))
            return score_week(Job(scorer, store, held, lambda _: None), intake)

    return run


def whole(scores: pd.DataFrame) -> str:
    return digest_of(pa.Table.from_pandas(scores, schema=SCHEMA, preserve_index=False))


@pytest.mark.parametrize("how", [(MANY, 1, 2), (1500, 5, 1), (400, 11, 2)], ids=str)
def test_parts_threads_and_batches_change_no_bit(
    score: Score, store: MemoryStore, scores: pd.DataFrame, how: tuple[int, int, int]
) -> None:
    done = score(*how)
    assert digest_of(store.tables[AS_OF]) == whole(scores)
    assert (done.parts[0] > 1) == (how[0] < MANY)
    assert done.parts[1] == 0


def test_scored_again_nothing_changes(score: Score, store: MemoryStore) -> None:
    first, again = score(), score(lines=700, batches=3)
    assert (first.published.new, again.published.new) == (True, False)
    assert first.published.receipt == again.published.receipt == store.receipt(AS_OF)


def test_a_killed_job_goes_on_where_it_stopped(
    score: Score, store: MemoryStore, scores: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Part.made.__func__  # type: ignore[attr-defined]

    def power_cut(kind: type[Part], scorer: Scorer, history: object, path: Path) -> Part:
        if path.stem == "00002":
            raise KeyboardInterrupt
        return made(kind, scorer, history, path)  # type: ignore[no-any-return]

    with monkeypatch.context() as patched:
        patched.setattr(Part, "made", classmethod(power_cut))
        with pytest.raises(KeyboardInterrupt):
            score(1500, 5)
    assert not store.tables
    done = score(1500, 5)
    assert done.parts[1] == 2
    assert digest_of(store.tables[AS_OF]) == whole(scores)


@pytest.fixture
def interrupted(score: Score, store: MemoryStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """The files of a job that was killed just before it published."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            score(1500, 5)
    return sorted((tmp_path / "work" / AS_OF).rglob("*.arrow"))


@pytest.mark.parametrize("damaged", [lambda b: b"", lambda b: b[:8], lambda b: b[:-50], lambda b: b[:-9] + b"\xff" * 9])
def test_a_part_that_cannot_be_read_is_made_again(
    score: Score,
    store: MemoryStore,
    scores: pd.DataFrame,
    interrupted: list[Path],
    damaged: Callable[[bytes], bytes],
) -> None:
    interrupted[1].write_bytes(damaged(interrupted[1].read_bytes()))
    done = score(1500, 5)
    assert done.parts == (len(interrupted), len(interrupted) - 1)
    assert digest_of(store.tables[AS_OF]) == whole(scores)


def test_parts_of_other_orders_are_not_taken(
    score: Score, store: MemoryStore, log: OrderLog, interrupted: list[Path]
) -> None:
    fewer = log.rows(np.arange(len(log) - 1))
    assert score(1500, 5, orders=fewer).parts[1] == 0
    assert not any(path.exists() for path in interrupted)


def test_what_is_done_leaves_nothing_behind(score: Score, interrupted: list[Path], tmp_path: Path) -> None:
    assert interrupted
    score(1500, 5)
    assert tmp_path.exists()
    assert not list(tmp_path.iterdir())


def test_a_second_scorer_of_the_week_is_told_and_one_of_another_week_is_not(tmp_path: Path, score: Score) -> None:
    with bench(tmp_path / "work", AS_OF), pytest.raises(BusyError, match="another scorer") as error:
        score()
    assert error.value.exit_code == 75
    with bench(tmp_path / "work", "1998-03-09"):
        assert score().published.new


def test_a_lock_that_was_taken_away_is_noticed_before_anything_is_published(
    score: Score, store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def thief(*_: object) -> list[Finding]:
        (tmp_path / "work" / f"{AS_OF}.lock").unlink()
        return []

    monkeypatch.setattr(week, "judge", thief)
    with pytest.raises(BusyError, match="taken away"):
        score()
    assert not store.tables


def test_a_gate_that_stops_holds_the_week_back_and_says_why(
    score: Score, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Finding(gate="orders", verdict="stop", saw="3 lines", normal="300 to 400", remedy="look at the feed")
    monkeypatch.setattr(week, "judge", lambda *_: [stop])
    with pytest.raises(HeldBackError, match="3 lines") as error:
        score()
    assert error.value.exit_code == 4
    assert "300 to 400" in str(error.value)
    assert "look at the feed" in str(error.value)
    assert not store.tables
    assert store.kept("gates", AS_OF) == {"findings": [stop.model_dump()]}


def test_the_receipt_says_what_the_week_was_like(score: Score, store: MemoryStore, scores: pd.DataFrame) -> None:
    done = score(1500, 5)
    facts = done.published.receipt.facts[FACTS]
    assert facts["counts"]["stages"] == scores["stage"].value_counts().to_dict()
    assert sum(facts["counts"]["p_order"]) == facts["counts"]["rows"] == len(scores)
    assert math.isclose(facts["counts"]["sums"]["p_regression"], scores["p_regression"].sum())


def test_orders_that_make_nobody_known_are_refused(score: Score, log: OrderLog) -> None:
    for orders in (log.rows(np.arange(0)), log.rows(log.ordered_at >= np.datetime64(AS_OF))):
        with pytest.raises(DataError, match="no customer is known"):
            score(orders=orders)


def test_old_work_of_another_week_is_swept_and_new_work_is_not(score: Score, tmp_path: Path) -> None:
    for name, age in (("1998-02-02", 8), ("1998-02-09", 6)):
        (tmp_path / "work" / name).mkdir(parents=True)
        then = (tmp_path / "work").stat().st_mtime - age * 86_400
        os.utime(tmp_path / "work" / name, (then, then))
    score()
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["1998-02-09"]


def test_the_orders_of_a_scorer_that_was_killed_on_another_machine_are_swept_and_its_parts_are_not(
    tmp_path: Path,
) -> None:
    for left_over in (".orders.0123456789ab-elsewhere.1", "0" * 32):
        (tmp_path / AS_OF / left_over).mkdir(parents=True)
    with bench(tmp_path, AS_OF) as held:
        assert [path.name for path in held.folder.iterdir()] == ["0" * 32]


def test_the_bench_of_a_week_that_is_being_scored_is_never_swept(tmp_path: Path) -> None:
    with bench(tmp_path, "1998-02-02") as held:
        os.utime(held.folder, (0, 0))
        with bench(tmp_path, AS_OF):
            assert held.folder.exists()
        held.require_lock()


def test_scorers_of_many_weeks_do_not_stumble_over_each_others_leaving(tmp_path: Path) -> None:
    """Benches are made and left at the same time, the folder of all coming and going."""

    def come_and_go(number: int) -> int:
        as_of = str(np.datetime64(AS_OF) + 7 * number)
        for _ in range(40):
            with bench(tmp_path / "work", as_of) as held:
                held.parts("0" * 32)
                held.require_lock()
                held.clear()
        return number

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(come_and_go, range(4))) == [0, 1, 2, 3]
    assert not (tmp_path / "work").exists()
