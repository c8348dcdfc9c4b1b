"""What the report tells of a published week is what stands in the store; what is missing there is missing here."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from made_report import HOSTILE, full_report
from made_weeks import WEEK, made_stamp, made_week

from features.errors import DataError, UsageError
from serving.contract import SCHEMA
from serving.gates import Counts, OrderDays, WeekFacts
from serving.report import ReportConfig, gather, report
from serving.report.sums import EDGES, totals
from serving.report.top import Top
from serving.store import Store, open_store

BEFORE, NEXT = "2011-05-30", "2011-06-13"
STAGES = ["examination", "formative", "stable", "regression"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    found = open_store(tmp_path / "scores")
    for seed, week in enumerate((BEFORE, WEEK)):
        rows = made_week(week, 200, seed)
        found.publish([rows], made_stamp(week, seed + 1, week=facts(week, rows), period_days=28))
    return found


def facts(as_of: str, rows: pa.RecordBatch) -> dict[str, object]:
    days = OrderDays(since="2011-01-03", lines=(1,), customers=(1,), newcomers=(1,), begun=1)
    made = WeekFacts(as_of=as_of, model="stagecast/1", spec_hash="5ec", counts=Counts.of([rows]), lost=0, orders=days)
    return made.model_dump(mode="json")


def without(rows: pa.RecordBatch, *names: str) -> pa.RecordBatch:
    for name in names:
        field = SCHEMA.field(name)
        rows = rows.set_column(SCHEMA.get_field_index(name), field, pa.nulls(len(rows), field.type))
    return rows


def test_sums_are_those_of_pandas_however_the_rows_are_cut() -> None:
    rows = made_week(ids=500)
    table, cut = rows.to_pandas(), [rows[:7], rows[7:7], rows[7:123], rows[123:]]
    table["band"] = pd.cut(table["p_regression"], EDGES, right=False, labels=False)
    found = totals(cut)

    for stage, sums in found.stages().items():
        mine = table[table["stage"] == stage]
        assert sums.customers == len(mine)
        assert sums.at_risk == pytest.approx(mine["value_at_risk"].sum())
        assert sums.spend == pytest.approx(mine["expected_spend"].sum())
        assert sums.ordering == pytest.approx(mine["p_order"].sum())
        assert dict(sums.next_stages) == pytest.approx({name: mine[f"p_{name}"].sum() for name in STAGES})
    here = table[table["stage"] != "regression"]
    assert [band.customers for band in found.bands()] == [int((here["band"] == k).sum()) for k in range(5)]
    assert sum(band.at_risk or 0 for band in found.bands()) == pytest.approx(here["value_at_risk"].sum())


@pytest.mark.parametrize(
    ("missing", "size"),
    [
        ((), lambda t: t["value_at_risk"].fillna(0)),
        (("value_at_risk",), lambda t: t["p_regression"] * t["expected_orders_52w"].fillna(0)),
        (("value_at_risk", "expected_orders_52w"), lambda t: t["p_regression"]),
    ],
)
def test_the_first_are_those_with_the_most_at_stake(
    missing: tuple[str, ...], size: Callable[[pd.DataFrame], pd.Series]
) -> None:
    rows = without(made_week(ids=300), *missing)
    table = rows.to_pandas()
    for regression in (False, True):
        top = Top(5, regression)
        for batch in (rows[:100], rows[100:101], rows[101:]):
            top.add(batch)
        mine = table[(table["stage"] == "regression") == regression]
        wanted = mine.assign(size=size(mine)).sort_values(["size", "customer_id"], ascending=[False, True])
        assert [one.customer for one in top.customers()] == wanted["customer_id"].tolist()[:5]


def test_of_equals_the_first_by_id_comes_first_and_none_may_be_asked_for() -> None:
    rows = made_week(ids=50)
    even = rows.set_column(SCHEMA.get_field_index("value_at_risk"), SCHEMA.field("value_at_risk"), pa.array([1.0] * 50))
    here = [row["customer_id"] for row in rows.to_pylist() if row["stage"] != "regression"]
    for most in (0, 3, 100):
        top = Top(most, regression=False)
        top.add(even[:20])
        top.add(even[20:])
        assert [one.customer for one in top.customers()] == here[:most]


def test_a_week_is_told_beside_the_week_before(store: Store) -> None:
    week = gather(store, WEEK, ReportConfig(shop="Corner", currency="£", top=3))
    before = made_week(BEFORE, 200, 0).to_pandas()

    assert (week.shop, week.currency, week.period_days) == ("Corner", "£", 28)
    assert sum(sums.customers for sums in week.stages.values()) == 200
    assert len(week.keep) == len(week.win_back) == 3
    assert week.before is not None
    assert week.before.stages == before["stage"].value_counts().to_dict()
    assert week.before.at_risk == pytest.approx(before.loc[before["stage"] != "regression", "value_at_risk"].sum())
    assert [past.as_of for past in week.past] == [BEFORE]
    assert (week.checks, week.moved, week.drift, week.graded, week.notes) == (None, None, None, None, ())


def test_documents_beside_the_week_are_told(store: Store) -> None:
    full = full_report()
    assert full.moved
    assert full.drift
    assert full.graded
    assert full.checks
    store.keep("moved", WEEK, full.moved.model_dump(mode="json"))
    store.keep("drift", WEEK, full.drift.model_dump(mode="json"))
    store.keep("gates", WEEK, {"findings": [check.model_dump(mode="json") for check in full.checks]})
    store.keep("grade", BEFORE, full.graded.model_dump(mode="json"))
    week = gather(store, WEEK, ReportConfig())

    assert (week.moved, week.drift, week.checks) == (full.moved, full.drift, full.checks)
    assert week.graded == full.graded


def test_a_grade_that_came_later_is_not_told_to_an_earlier_week(store: Store) -> None:
    graded = full_report().graded
    assert graded
    store.keep("grade", BEFORE, graded.model_copy(update={"until": NEXT}).model_dump(mode="json"))

    assert gather(store, WEEK, ReportConfig()).graded is None


@pytest.mark.parametrize("kind", ["moved", "drift", "gates", "grade"])
def test_a_document_of_another_shape_is_left_out(store: Store, kind: str) -> None:
    store.keep(kind, WEEK, {"of": "another version"})
    store.keep(kind, BEFORE, {"of": "another version"})

    assert report(store, WEEK, ReportConfig()).startswith("<!doctype html>")


def test_other_stages_are_not_compared_and_the_reader_is_told(store: Store) -> None:
    full = full_report()
    assert full.moved
    store.keep("moved", NEXT, full.moved.model_dump(mode="json"))
    stamp = made_stamp(NEXT, 3).model_copy(update={"spec_hash": "0ther"})
    store.publish([made_week(NEXT, 200, 2)], stamp)
    week = gather(store, NEXT, ReportConfig())

    assert (week.before, week.moved, week.past) == (None, None, ())
    assert "5ec before, 0ther now" in week.notes[0]


def test_the_first_week_and_the_first_week_of_a_model_say_so(store: Store) -> None:
    assert "first week" in gather(store, BEFORE, ReportConfig()).notes[0]
    store.publish([made_week(NEXT, 200, 2)], made_stamp(NEXT, 3).model_copy(update={"model_version": 2}))
    assert "the first by stagecast version 2" in gather(store, NEXT, ReportConfig()).notes[0]


def test_under_hashed_names_no_id_is_on_the_page(store: Store) -> None:
    moved = full_report("c000007").moved
    assert moved
    store.keep("moved", WEEK, moved.model_dump(mode="json"))
    page = report(store, WEEK, ReportConfig(), naming=lambda customer: f"h{hash(customer) % 97}")

    assert "c0000" in report(store, WEEK, ReportConfig())
    assert "c0000" not in page


def test_hostile_ids_are_carried_from_the_store_to_the_page(tmp_path: Path) -> None:
    store = open_store(tmp_path / "scores")
    store.publish([made_week(ids=[*HOSTILE, " blank "])], made_stamp())
    week = gather(store, WEEK, ReportConfig(top=20))

    assert {one.customer for one in (*week.keep, *week.win_back)} == {*HOSTILE, " blank "}
    assert "<script>" not in report(store, WEEK, ReportConfig(top=20))


def test_a_week_that_is_not_there_and_a_date_that_is_none(store: Store) -> None:
    with pytest.raises(DataError, match="not published"):
        report(store, NEXT, ReportConfig())
    with pytest.raises(UsageError, match="named by its cut-off"):
        report(store, "2011-06-06'; --", ReportConfig())


def test_the_week_is_streamed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = made_week(ids=400)
    monkeypatch.setattr(store, "read", lambda as_of, columns=None: iter([rows[k : k + 20] for k in range(0, 400, 20)]))

    assert sum(sums.customers for sums in gather(store, WEEK, ReportConfig()).stages.values()) == 400
    assert np.isfinite([one.at_risk for one in gather(store, WEEK, ReportConfig()).keep]).all()
