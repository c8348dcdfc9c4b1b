"""What looks ahead is told by law, customer, cut-off and values; what does not passes."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from histories import some_spec

from features.errors import LeakError, UsageError
from features.families import all_features
from features.feature import Feature
from features.fixed import Floats
from features.laws import assert_point_in_time, sql
from features.laws.frames import cut, with_future
from features.laws.laws import Trial, any_future, no_future
from features.laws.subjects import FeatureTable
from features.past import Past
from features.sets.declared import FeatureSet
from features.tables.config import Events, Profile


def spend(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    known = orders[orders["ordered_at"] < cutoff]
    return known.groupby("customer_id").agg(spend=("amount", "sum"), last=("ordered_at", "max"))


def spend_of_all_time(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    return spend(orders, cutoff).join(orders.groupby("customer_id")["amount"].sum().rename("total"))


def spend_with_the_cutoff(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    return spend(orders, cutoff + pd.Timedelta("1us"))


def rank_among_all(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    return orders[orders["ordered_at"] < cutoff].groupby("customer_id")[["quantity"]].sum().rank()


def last_row(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    return orders[orders["ordered_at"] < cutoff].groupby("customer_id")[["amount"]].last()


def everybody(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    return spend(orders, cutoff).reindex(pd.Index(orders["customer_id"].unique(), name="customer_id"))


def in_place(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    orders["amount"] = orders["amount"].round()
    return spend(orders, cutoff)


RNG = np.random.default_rng(1)


def drawn(orders: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    return spend(orders, cutoff).assign(noise=lambda table: RNG.random(len(table)))


@pytest.fixture(scope="module")
def few(cdnow_few: pd.DataFrame) -> pd.DataFrame:
    return cdnow_few[pd.factorize(cdnow_few["customer_id"])[0] % 4 == 0].reset_index(drop=True)


def test_a_window_closed_on_the_right_even_where_no_line_lies_on_the_cutoff(few: pd.DataFrame) -> None:
    noon = few.assign(ordered_at=few["ordered_at"] + pd.Timedelta("12h"))
    with pytest.raises(LeakError, match="breaks the law 'whatever the future'"):
        assert_point_in_time(spend_with_the_cutoff, noon)


def test_a_pipeline_that_keeps_the_laws_passes(few: pd.DataFrame) -> None:
    assert_point_in_time(spend, few, ["1997-06-02"])
    assert_point_in_time(rank_among_all, few, shop=True)


@pytest.mark.parametrize(
    ("pipeline", "law", "column"),
    [
        (spend_of_all_time, "no future", "total"),
        (spend_with_the_cutoff, "no future", "spend"),
        (rank_among_all, "other customers", "quantity"),
        (everybody, "whatever the future", "list of rows"),
        (in_place, "input untouched", "amount"),
        (drawn, "twice", "noise"),
    ],
)
def test_a_pipeline_that_breaks_a_law(few: pd.DataFrame, pipeline: Callable, law: str, column: str) -> None:
    with pytest.raises(
        LeakError, match=rf"(?s){column}.*'{law}'.*customer|{column}.*'{law}'|orders.*'{law}'.*{column}"
    ):
        assert_point_in_time(pipeline, few)


def test_ties_decided_by_the_order_of_the_rows(few: pd.DataFrame) -> None:
    tied = few.assign(ordered_at=few["ordered_at"].dt.to_period("M").dt.start_time)
    with pytest.raises(LeakError, match="'row order'"):
        assert_point_in_time(last_row, tied)


def test_the_error_names_customer_cutoff_values_and_what_to_do(few: pd.DataFrame) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_point_in_time(spend_of_all_time, few, ["1997-06-02"])
    assert "at 1997-06-02: " in str(caught.value)
    assert "with all rows, " in str(caught.value)
    assert "to do: use only rows with ordered_at < cutoff" in str(caught.value)


def test_all_default_features_pass(few: pd.DataFrame) -> None:
    everything = all_features((4, 26), frozenset(few.columns))
    assert_point_in_time(everything, few, ["1997-06-02", "1998-01-05"])


def test_a_feature_and_a_function_of_the_past(few: pd.DataFrame) -> None:
    def lines_ever(past: Past) -> Floats:
        return past.count("lines")

    def lines_of_all_time(past: Past) -> Floats:
        rows = past._history.starts[past._snapshots.customer + 1]
        return past._history.totals("lines")[rows].astype(float)

    assert_point_in_time(lines_ever, few)
    assert_point_in_time(Feature("lines", "lines", "count", lines_ever), few, ["1997-06-03", "1997-06-10"])
    with pytest.raises(LeakError, match="'lines_of_all_time' breaks the law 'no future'"):
        assert_point_in_time(lines_of_all_time, few)


def test_a_feature_that_is_not_computed_snapshot_by_snapshot_or_not_in_its_unit(few: pd.DataFrame) -> None:
    def rank(past: Past) -> Floats:
        return np.argsort(np.argsort(past.recency, kind="stable")).astype(float)

    third = Feature("third", "a third of the days", "days", lambda past: past.recency / 3)
    with pytest.raises(LeakError, match=r"breaks the law '(each cut-off alone|other customers|no future)'"):
        assert_point_in_time(rank, few, ["1997-06-02", "1998-01-05"])
    with pytest.raises(UsageError, match="'third' has values that its unit does not allow"):
        assert_point_in_time(third, few, ["1997-06-02", "1998-01-05"])


QUERY = "SELECT customer_id, SUM(quantity) AS units FROM orders WHERE ordered_at {} $cutoff GROUP BY customer_id"


@pytest.mark.parametrize("engine", ["duckdb", "sqlite"])
def test_a_query(few: pd.DataFrame, engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "sqlite":
        monkeypatch.setattr(sql, "find_spec", lambda _name: None)
    else:
        pytest.importorskip("duckdb")
    assert_point_in_time(QUERY.format("<"), few, ["1997-06-02"])
    with pytest.raises(LeakError, match="'units' breaks the law"):
        assert_point_in_time(QUERY.format("<="), few)
    with pytest.raises(UsageError, match="cannot be run"):
        assert_point_in_time("SELECT nothing FROM nowhere WHERE $cutoff", few)
    with pytest.raises(UsageError, match=r"\$cutoff in it"):
        assert_point_in_time("SELECT * FROM orders", few)


Tables = dict[str, pd.DataFrame]


def ratings(orders: pd.DataFrame, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    stars = tables["ratings"]
    stars = stars[(stars["happened_at"] < cutoff) & (stars["known_at"] < cutoff)]
    return spend(orders, cutoff)[["spend"]].join(stars.groupby("customer_id")["value"].mean())


def ratings_before_they_are_known(orders: pd.DataFrame, cutoff: pd.Timestamp, tables: Tables) -> pd.DataFrame:
    stars = tables["ratings"]
    return spend(orders, cutoff)[["spend"]].join(
        stars[stars["happened_at"] < cutoff].groupby("customer_id")["value"].mean()
    )


@pytest.mark.parametrize("late", [0, 30])
def test_a_late_record_used_early_even_where_the_data_has_none(few: pd.DataFrame, late: int) -> None:
    times = few["ordered_at"]
    table = pd.DataFrame(
        {"customer_id": few["customer_id"], "happened_at": times, "known_at": times + pd.Timedelta(late, "D")}
    ).assign(value=np.arange(len(times)) % 5 + 1.0)
    assert_point_in_time(ratings, few, ["1997-06-02"], {"ratings": table})
    with pytest.raises(LeakError, match="'value' breaks the law"):
        assert_point_in_time(ratings_before_they_are_known, few, ["1997-06-02"], {"ratings": table})


@pytest.mark.parametrize(
    ("subject", "given", "message"),
    [
        (3, {}, "cannot be put on trial"),
        (spend, {"cutoffs": ["1990-01-01"]}, "nothing before the first cut-off"),
        (spend, {"cutoffs": ["1997-06-02 12:00"]}, "local midnight"),
        (spend, {"tables": {"visits": pd.DataFrame({"customer_id": ["1"], "at": ["x"]})}}, "'visits' cannot be cut"),
        (lambda orders, cutoff: 3, {}, "one row a customer"),
        (lambda orders, cutoff: orders[["customer_id"]], {}, "more than once at"),
        (lambda past: past.recency[1:], {}, "one number a snapshot"),
    ],
)
def test_what_cannot_be_tried(few: pd.DataFrame, subject: object, given: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        assert_point_in_time(subject, few, **given)


def test_the_future_that_is_made_up_holds_a_row_at_the_very_cutoff_and_a_new_customer(few: pd.DataFrame) -> None:
    cutoff = 10_000
    frames = {"orders": few}
    made = with_future(frames, cutoff, 1)["orders"].iloc[len(cut(frames, cutoff)["orders"]) :]
    assert (made["ordered_at"] == np.datetime64(cutoff, "D")).sum() > 10
    assert (made["ordered_at"] >= np.datetime64(cutoff, "D")).all()
    assert not set(made["customer_id"]) <= set(few["customer_id"])


def test_the_laws_take_tables_of_any_build() -> None:
    frame = pd.DataFrame({"customer_id": ["a", "a"], "ordered_at": pd.to_datetime(["2020-01-01", "2020-02-01"])})
    trial = Trial(
        lambda frames, days: pd.DataFrame({"customer_id": "a", "cutoff": days, "lines": len(frames["orders"])}),
        {"orders": frame},
        [18275],
    )
    with pytest.raises(LeakError, match="'lines'"):
        no_future(trial)
    with pytest.raises(LeakError, match="'lines'"):
        any_future(trial, 1)


def test_a_feature_set_with_tables_keeps_the_laws(few: pd.DataFrame) -> None:
    times = few["ordered_at"]
    visits = few[["customer_id"]].assign(happened_at=times, known_at=times + pd.Timedelta("9D"), value=few["quantity"])
    people = few[["customer_id"]].drop_duplicates().assign(known_at=times.min() + pd.Timedelta("100D"), age=30.0)
    declared = FeatureSet(
        windows=(4, 26),
        families=("recency", "spend"),
        events={"visits": Events()},
        profile={"person": Profile(attributes={"age": "number"})},
        own={"spend_per_visit": "net_spend_26w / visits_count_26w"},
    )
    assert_point_in_time(declared, few, tables={"visits": visits, "person": people})


def test_a_feature_that_uses_a_table_before_its_rows_are_known(few: pd.DataFrame) -> None:
    def peeking(past: Past) -> Floats:
        stream = past._history.tables["visits"].streams[""]
        place = past._history.tables["visits"].place[past.customer]
        return (stream.rows(place, past.cutoff) - stream.starts[place]).astype(float)

    visits = few[["customer_id"]].assign(happened_at=few["ordered_at"])
    late = visits.assign(known_at=visits["happened_at"] + pd.Timedelta("30D"), value=1.0)
    declared = FeatureSet(families=("recency",), events={"visits": Events()})
    table = FeatureTable([Feature("peeking", "", "", peeking)], some_spec(), declared)
    with pytest.raises(LeakError, match="'peeking'"):
        no_future(Trial(table, {"orders": few, "visits": late}, [10011]))
