"""Referrals and cost to serve: read, checked, joined without a look ahead, and put to the test."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from planted_shops import QUICK, span_of

from features.clock import to_date
from features.errors import DataError, UsageError
from features.history import History
from training.validity.events import read_events
from training.validity.judged import Judged
from training.validity.run import judge_stages


def table(**columns: object) -> pd.DataFrame:
    rows = {"customer_id": ["a", "b"], "at": ["2020-01-02", "2020-01-03 11:00"], "kind": ["referral", "cost_to_serve"]}
    return pd.DataFrame(rows | {"value": [None, 2.5]} | columns)


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_files_and_tables_are_read_alike(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"events.{ending}"
    table().to_parquet(path) if ending == "parquet" else table().to_csv(path, index=False)
    for made in (read_events(path), read_events(str(path)), read_events(table())):
        assert made.customer_id.tolist() == ["a", "b"]
        assert made.day.tolist() == [18263, 18264]
        assert made.value.tolist() == [1.0, 2.5]


def test_times_with_an_offset_become_local() -> None:
    made = read_events(table(at=["2020-01-01T23:30:00+00:00"] * 2), "Asia/Shanghai")
    assert {str(to_date(day)) for day in made.day.tolist()} == {"2020-01-02"}


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"kind": ["referral", "visit"]}, ["'kind'", "'visit' in row 1", "referral or cost_to_serve"]),
        ({"kind": ["referral", None]}, ["'kind'"]),
        ({"at": ["2020-01-02", "soon"]}, ["'at'", "'soon' in row 1", "a time"]),
        ({"at": ["2020-01-02", None]}, ["'at'"]),
        ({"customer_id": ["a", None]}, ["'customer_id'"]),
        ({"value": [1, -1]}, ["'value'", "not negative"]),
        ({"value": [1, "much"]}, ["'value'", "'much' in row 1"]),
        ({"value": [1, np.inf]}, ["'value'"]),
        ({"value": [1, None]}, ["'value'", "only a referral may lack it"]),
    ],
)
def test_bad_rows_are_refused_with_the_first_of_them(columns: dict[str, list[object]], said: list[str]) -> None:
    with pytest.raises(DataError) as error:
        read_events(table(**columns))
    assert "1 of 2 events" in str(error.value)
    assert all(part in str(error.value) for part in said)


def test_missing_columns_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="lack the column 'kind'"):
        read_events(table().drop(columns="kind"))
    with pytest.raises(DataError, match="'value'"):
        read_events(table().drop(columns="value"))
    with pytest.raises(UsageError, match="cannot be read from here"):
        read_events(tmp_path / "missing.csv")
    (tmp_path / "events.txt").write_text("customer_id,at,kind\n")
    with pytest.raises(UsageError, match=r"\.parquet or \.csv"):
        read_events(tmp_path / "events.txt")
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    with pytest.raises(DataError, match="cannot be read"):
        read_events(tmp_path / "broken.parquet")


def test_a_window_begins_with_its_first_day_and_ends_before_its_last(history: History) -> None:
    name = history.customers[3]
    rows = [(name, day, "referral", 1.0) for day in ("2020-03-01", "2020-03-02", "2020-03-29", "2020-03-30")]
    events = read_events(pd.DataFrame(rows, columns=["customer_id", "at", "kind", "value"]))
    customer, begin = np.array([3, 4]), np.array([18323, 18323])  # 2020-03-02
    assert events.total(history, "referral", customer, (begin, begin + 28)).tolist() == [2.0, 0.0]
    assert events.total(history, "cost_to_serve", customer, (begin, begin + 28)).tolist() == [0.0, 0.0]


def planted_events(judged: Judged) -> pd.DataFrame:
    """A day after each tick the stable bring two referrals, and cost a tenth of what the others do."""
    place = judged.place
    names, day = judged.history.customers[judged.snapshots.customer], judged.snapshots.cutoff + 1
    at = pd.to_datetime([to_date(each) for each in day])
    rng = np.random.default_rng(0)
    referrals = pd.DataFrame({"customer_id": names, "at": at, "kind": "referral", "value": (place == 2) * 2.0})
    cost = np.where(place == 2, 1.0, 10.0) * rng.uniform(0.8, 1.2, len(place))
    return pd.concat([referrals, referrals.assign(kind="cost_to_serve", value=cost)])


def test_planted_referrals_and_costs_are_found(history: History, judged: Judged) -> None:
    events = read_events(planted_events(judged))
    found = judge_stages(history, span_of(history), QUICK, events)
    claims, groups = found.claims.set_index("claim"), found.by_stage.set_index("group")
    assert claims.loc["cost_to_serve", "verdict"] == "holds"
    assert groups.loc["stable", "referrals"] == pytest.approx(2 * 13)
    assert groups.loc["formative", "referrals"] == 0
    assert claims.loc["referrals", "verdict"] == "holds"


def test_costs_are_those_of_the_period_by_order_day(history: History, judged: Judged) -> None:
    events = read_events(planted_events(judged))
    made = Judged(history, judged.span, events)
    got = judge_stages(history, judged.span, QUICK, events).by_stage.set_index("group")["cost_to_serve"]
    known = made.around.finished(28)
    spent = pd.DataFrame({"name": events.customer_id, "day": events.day, "value": events.value, "kind": events.kind})
    spent = spent[spent["kind"] == "cost_to_serve"]
    keys = pd.DataFrame({"name": history.customers[made.snapshots.customer], "day": made.snapshots.cutoff + 1})
    cost = keys.merge(spent, on=["name", "day"])["value"].to_numpy()
    stable = known & (made.place == 2)
    assert got["stable"] == pytest.approx(cost[stable].sum() / made.around.total("order_day", 0, 28)[stable].sum())


def test_events_at_or_after_the_end_and_of_strangers_are_told_and_not_used(history: History, judged: Judged) -> None:
    events = planted_events(judged)
    end = pd.Timestamp(to_date(judged.span.end))
    more = events.head(5).assign(at=end, value=1e6)
    nobody = events.head(3).assign(customer_id="nobody")
    known = events[events["at"] < end]
    both = known, pd.concat([known, more, nobody])
    one, other = (judge_stages(history, judged.span, QUICK, read_events(rows)) for rows in both)
    pd.testing.assert_frame_equal(one.by_stage, other.by_stage)
    pd.testing.assert_frame_equal(one.claims, other.claims)
    assert "3 of customers without an order, 5 on or after" in other.notes[-1]
