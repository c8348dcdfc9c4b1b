"""What every store promises: a week whole or not at all, once, with its receipt, readable by version."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pyarrow as pa
import pytest
from made_weeks import WEEK, made_stamp, made_week

from features.errors import DataError, StagecastError, UsageError
from serving.contract import SCHEMA
from serving.store import Retention, Store, open_store, table

NEXT = "2011-06-13"


_numbers = count()


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("bucket", "database")]


@pytest.fixture(params=["folder", *SLOW])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """A new store: on this disk, in an object store, in a database."""
    if request.param == "database":
        return open_store(f"{request.getfixturevalue('database')}?schema=s{next(_numbers)}")
    if request.param == "bucket":
        return open_store(f"s3://shop{next(_numbers)}/scores", request.getfixturevalue("s3"))
    return open_store(tmp_path / "scores")


def test_a_week_is_read_as_it_was_published(store: Store) -> None:
    week = made_week()
    published = store.publish([week], made_stamp(orders=3))

    assert published.new
    assert made_stamp(orders=3).model_dump().items() <= published.receipt.model_dump().items()
    assert published.receipt.rows == len(week)
    assert table(store, WEEK).equals(pa.Table.from_batches([week]), check_metadata=True)
    assert store.weeks() == [WEEK]
    assert store.receipt(WEEK) == published.receipt == store.receipt(WEEK, published.receipt.version)


def test_the_same_rows_again_change_nothing_however_they_are_cut(store: Store, tmp_path: Path) -> None:
    week = made_week()
    first = store.publish([week], made_stamp())
    later = week.set_column(
        SCHEMA.get_field_index("scored_at"), SCHEMA.field("scored_at"), pa.array([0] * len(week)).cast("timestamp[us]")
    )
    again = store.publish([later[:7], later[7:7], later[7:30], later[30:]], made_stamp(job=2))

    assert not again.new
    assert again.receipt == first.receipt
    assert table(store, WEEK).equals(pa.Table.from_batches([week]))


def test_other_rows_take_their_place_and_the_old_ones_can_be_read_by_their_version(store: Store) -> None:
    first = store.publish([made_week()], made_stamp()).receipt
    store.publish([made_week(NEXT)], made_stamp(NEXT))
    second = store.publish([made_week(seed=1)], made_stamp(job=2)).receipt

    assert store.weeks() == [WEEK, NEXT]
    assert store.versions(WEEK) == [first, second]
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week(seed=1)]))
    assert table(store, WEEK, version=first.version).equals(pa.Table.from_batches([made_week()]))
    assert table(store, NEXT).equals(pa.Table.from_batches([made_week(NEXT)]))


def test_what_was_replaced_may_come_back(store: Store) -> None:
    contents = [store.publish([made_week(seed=seed)], made_stamp(job=seed + 1)).receipt for seed in (0, 1)]
    back = store.publish([made_week()], made_stamp(job=3))

    assert back.new
    assert back.receipt.content == contents[0].content
    assert [receipt.content for receipt in store.versions(WEEK)] == [
        *(one.content for one in contents),
        back.receipt.content,
    ]


def test_columns_come_in_the_order_asked_for(store: Store) -> None:
    store.publish([made_week()], made_stamp())
    few = table(store, WEEK, ["p_order", "as_of", "customer_id"])
    assert few.equals(pa.Table.from_batches([made_week().select(["p_order", "as_of", "customer_id"])]))
    assert table(store, WEEK, ["as_of"]).num_rows == 50


def _with(column: str, values: object) -> Callable[[pa.RecordBatch], pa.RecordBatch]:
    def change(week: pa.RecordBatch) -> pa.RecordBatch:
        made = pa.array([values] * len(week), SCHEMA.field(column).type)
        return week.set_column(SCHEMA.get_field_index(column), SCHEMA.field(column), made)

    return change


WRONG = {
    "another cut-off": [made_week(NEXT)],
    "not in ascending order": [made_week().take(pa.array([1, 0]))],
    "doubled": [made_week(), made_week()],
    "'stage' is null": [_with("stage", None)(made_week())],
    "'p_order' is no probability": [_with("p_order", 1.0001)(made_week())],
    "'p_stable' is no probability": [_with("p_stable", float("nan"))(made_week())],
    "other columns": [made_week().drop_columns("reasons")],
    "no rows": [],
}


@pytest.mark.parametrize("fault", WRONG)
def test_rows_that_break_the_contract_leave_the_old_week(store: Store, fault: str) -> None:
    before = store.publish([made_week()], made_stamp()).receipt
    with pytest.raises(DataError, match=fault):
        store.publish(WRONG[fault], made_stamp(job=2))

    assert store.versions(WEEK) == [before]
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week()]))


def test_a_stream_that_breaks_off_publishes_nothing(store: Store) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield made_week()
        raise StagecastError("the scorer stumbled")

    with pytest.raises(StagecastError, match="stumbled"):
        store.publish(broken(), made_stamp())
    assert store.weeks() == []
    with pytest.raises(DataError, match="no such scores"):
        table(store, WEEK)
    assert store.publish([made_week()], made_stamp()).new


@pytest.mark.parametrize(
    "odd", ["2011-6-6", "2011-06-31", "../../x", "2011-06-06' OR 1=1 --", "", "2011-06-06\nx", "٢٠١١-٠٦-٠٦"]
)
def test_a_week_is_named_by_a_date_and_by_nothing_else(store: Store, odd: str) -> None:
    for use in (store.receipt, store.versions, lambda text: table(store, text), made_stamp):
        with pytest.raises(UsageError, match="cut-off"):
            use(odd)
    for use in (lambda text: store.keep("drift", text, {}), lambda text: store.kept("drift", text)):
        with pytest.raises(UsageError, match="cut-off"):
            use(odd)


def test_documents_are_kept_beside_the_weeks(store: Store) -> None:
    assert store.kept("drift", WEEK) is None
    store.keep("drift", WEEK, {"verdict": "fine"})
    store.keep("grade", WEEK, {"ids": ["=cmd|' /C calc'!A0", "<script>"]})
    store.keep("drift", WEEK, {"verdict": "retrain", "size": 0.25})

    assert store.kept("drift", WEEK) == {"verdict": "retrain", "size": 0.25}
    assert store.kept("grade", WEEK) == {"ids": ["=cmd|' /C calc'!A0", "<script>"]}
    for kind in ("../x", "", "Drift", "drift/x"):
        with pytest.raises(UsageError, match="word"):
            store.keep(kind, WEEK, {})


ODD = [
    "../../x",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "a\0b",
    "\0",
    "back\\slash",
    "back\\0slash",
    "",
    " 00123 ",
    "'; DROP TABLE scores; --",
    "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(3500)),
    "\U0001f469\u200d\U0001f4bb",
    "e\u0301",
    "\u00e9",
]


def test_ids_are_carried_through_whatever_they_are(store: Store) -> None:
    week = made_week(ids=ODD)
    store.publish([week], made_stamp())
    assert table(store, WEEK).equals(pa.Table.from_batches([week]))
    assert not store.publish([week], made_stamp(job=2)).new


def test_retention_keeps_the_newest_weeks_and_what_was_replaced_of_late(store: Store) -> None:
    for seed, as_of in enumerate(("2011-05-23", "2011-05-30", WEEK, NEXT)):
        store.publish([made_week(as_of, seed=seed)], made_stamp(as_of, job=seed))
        store.keep("drift", as_of, {"seed": seed})
    old = store.receipt(WEEK)
    new = store.publish([made_week(seed=9)], made_stamp(job=9)).receipt
    assert old is not None

    tidied = store.tidy(Retention(keep_weeks=2, keep_days=36500))
    assert (tidied.weeks, tidied.versions) == (["2011-05-23", "2011-05-30"], 2)
    assert store.weeks() == [WEEK, NEXT]
    assert store.versions(WEEK) == [old, new]
    assert [store.kept("drift", as_of) for as_of in ("2011-05-30", WEEK)] == [None, {"seed": 2}]

    tidied = store.tidy(Retention(keep_days=0))
    assert (tidied.weeks, tidied.versions) == ([], 1)
    assert store.versions(WEEK) == [new]
    assert table(store, WEEK).equals(pa.Table.from_batches([made_week(seed=9)]))
    assert table(store, NEXT).equals(pa.Table.from_batches([made_week(NEXT, seed=3)]))
    assert store.tidy(Retention(keep_days=0)).removed == 0
    assert not store.publish([made_week(seed=9)], made_stamp(job=10)).new
    assert store.publish([made_week("2011-05-23")], made_stamp("2011-05-23")).new  # a week may come back


def test_customers_are_forgotten_in_every_week_version_and_document(store: Store) -> None:
    ids = ["Grace Hopper", "Ada Lovelace", "a\0b", "somebody else"]
    first = store.publish([made_week(ids=ids)], made_stamp()).receipt
    store.publish([made_week(ids=ids, seed=1)], made_stamp(job=2))
    store.publish([made_week(NEXT, ids=ids[1:])], made_stamp(NEXT))
    store.publish([made_week("2011-06-20", ids=["a\0b"])], made_stamp("2011-06-20"))
    store.keep("moved", WEEK, {"risk": [{"customer_id": "Ada Lovelace", "p": 1}, {"customer_id": "x", "p": 0}]})
    store.keep("drift", WEEK, {"verdict": "fine"})

    done = store.forget(["Ada Lovelace", "a\0b", "nobody"])
    assert done.rows == {WEEK: 2, NEXT: 2, "2011-06-20": 1}
    assert (done.versions, done.documents) == (1, ["moved/2011-06-06"])
    assert store.weeks() == [WEEK, NEXT]
    assert table(store, WEEK, ["customer_id"])[0].to_pylist() == ["Grace Hopper", "somebody else"]
    assert table(store, NEXT, ["customer_id"])[0].to_pylist() == ["somebody else"]
    assert store.kept("moved", WEEK) == {"risk": [{"customer_id": "x", "p": 0}]}
    with pytest.raises(DataError):
        table(store, WEEK, version=first.version)
    receipt = store.receipt(WEEK)
    assert receipt is not None
    assert receipt.rows == 2
    again = store.forget(["Ada Lovelace", "a\0b", "nobody"])
    assert (again.rows, again.versions, again.documents) == ({}, 0, [])


def test_an_empty_store_is_looked_at_without_a_trace(tmp_path: Path) -> None:
    store = open_store(tmp_path / "scores")
    assert (store.weeks(), store.receipt(WEEK), store.versions(WEEK), store.kept("drift", WEEK)) == ([], None, [], None)
    assert store.tidy(Retention()).weeks == []
    assert store.forget(["x"]).rows == {}
    assert not (tmp_path / "scores").exists()
