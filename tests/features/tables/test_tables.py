"""Events and profile against an oracle in plain pandas, late records included; bad rows are set aside with reasons."""

import numpy as np
import pandas as pd
import pytest
from histories import MONDAY, some_spec
from hypothesis import given, settings
from hypothesis import strategies as st

from features.config import ClockConfig
from features.errors import DataError, UsageError
from features.history import History
from features.past import Past, Snapshots
from features.tables.config import EventsConfig, ProfileConfig
from features.tables.features import event_features, profile_features
from features.tables.load import load_tables

FIRST = int(MONDAY.astype("datetime64[D]").astype(int))
CUTOFFS = [FIRST + 7 * k for k in (1, 2, 5, 30)]
WINDOWS = (1, 4)
EVENTS = EventsConfig(kinds=("web", "in shop"))
PROFILE = ProfileConfig(attributes={"age": "number", "joined": "date", "channel": ("on-line", "shop")})
CLOCK = ClockConfig()

_day = st.sampled_from([0.0, 0.5, 1, 6.99, 7, 7, 8, 13.9, 14, 20, 34, 35, 36, 100, 209.5, 210, 211, 300])
_late = st.sampled_from([0.0, 0.0, 0.0, 0.2, 1, 7, 30, -3])
_value = st.sampled_from([1.0, 1.0, 2.5, -3.0, 0.0, 1 / 3, np.nan])
_event = st.tuples(st.sampled_from("abx"), _day, _late, st.sampled_from(["web", "in shop", "phone", None]), _value)
_word = st.sampled_from(["on-line", "shop", "abroad", None])
_row = st.tuples(st.sampled_from("abx"), _day, _value, st.sampled_from([-100, 3, None]), _word)


def time(day: pd.Series) -> pd.Series:
    return (pd.Timestamp(str(MONDAY)) + pd.to_timedelta(day, unit="D")).dt.as_unit("us").dt.round("s")


def events_table(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "day", "late", "kind", "value"])
    table["happened_at"] = time(table["day"])
    table["known_at"] = time(table["day"] + table["late"])
    return table.astype({"kind": object}).drop(columns=["day", "late"])


def profile_table(rows: list[tuple]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "day", "age", "joined", "channel"])
    table["known_at"] = time(table["day"])
    table["joined"] = time(table["joined"].astype(float))
    return table.astype({"channel": object}).drop(columns="day")


def snapshots_of(customers: str = "abc") -> tuple[History, Snapshots]:
    """Customers who each bought something on the first day; c is in no other table."""
    line = {"customer_id": list(customers), "ordered_at": pd.Timestamp(str(MONDAY)), "is_return": False}
    history = History.of(pd.DataFrame(line).astype({"ordered_at": "datetime64[us]"}))
    return history, Snapshots.of(history, CUTOFFS)


def features_of(name: str, config: EventsConfig | ProfileConfig, table: pd.DataFrame) -> pd.DataFrame:
    history, snapshots = snapshots_of()
    loaded = load_tables({name: config}, CLOCK, {name: table})
    past = Past(history.joined({name: one.table for name, one in loaded.items()}), snapshots, some_spec())
    made = event_features(name, config, WINDOWS) if isinstance(config, EventsConfig) else profile_features(name, config)
    return pd.DataFrame(
        {"customer_id": history.customers[snapshots.customer], "cutoff": snapshots.cutoff}
        | {feature.name: feature.compute(past).astype(feature.dtype) for feature in made}
    )


def events_by_hand(table: pd.DataFrame, customer: str, cutoff: int, kind: str | None) -> dict[str, float]:
    """From the words of the definition, one customer and cut-off at a time."""
    end = pd.Timestamp(np.datetime64(cutoff, "D"))
    mine = table[(table["customer_id"] == customer) & (table["happened_at"] < end) & (table["known_at"] < end)]
    mine = mine[mine["kind"] == kind] if kind else mine
    mine = mine.assign(known=mine[["happened_at", "known_at"]].max(axis=1)).sort_values(
        ["happened_at", "known", "value"]
    )
    found = {}
    for weeks, tail in ((1, "1w"), (4, "4w"), (None, "ever")):
        inside = mine if weeks is None else mine[mine["happened_at"] >= end - pd.Timedelta(weeks=weeks)]
        found |= {
            f"count_{tail}": len(inside),
            f"sum_{tail}": inside["value"].sum(),
            f"mean_{tail}": inside["value"].mean(),
        }
    valued = mine["value"].dropna()
    found["last"] = valued.iloc[-1] if len(valued) else np.nan
    found["recency"] = (end - mine["happened_at"].iloc[-1].normalize()).days if len(mine) else np.nan
    return found


@given(st.lists(_event, min_size=1, max_size=25))
@settings(max_examples=12)
def test_events_agree_with_an_oracle_late_records_included(rows: list[tuple]) -> None:
    table = events_table(rows)
    for config, kinds in ((EVENTS, {"web": "web_", "in shop": "in_shop_"}), (EventsConfig(), {None: ""})):
        made = features_of("visits", config, table)
        for _, row in made.iterrows():
            for kind, prefix in kinds.items():
                expected = events_by_hand(table, row["customer_id"], row["cutoff"], kind)
                got = [row[f"visits_{prefix}{name}"] for name in expected]
                np.testing.assert_allclose(got, list(expected.values()), rtol=0, atol=2e-6, err_msg=str(row[:2]))


@given(st.lists(_row, min_size=1, max_size=25))
@settings(max_examples=12)
def test_a_profile_is_what_was_last_known_of_each_attribute(rows: list[tuple]) -> None:
    table = profile_table(rows)
    made = features_of("person", PROFILE, table)
    for _, row in made.iterrows():
        end = pd.Timestamp(np.datetime64(row["cutoff"], "D"))
        known = table[(table["customer_id"] == row["customer_id"]) & (table["known_at"] < end)]
        last = {}
        for name in PROFILE.attributes:
            values = known.dropna(subset=name)
            values = values[values["known_at"] == values["known_at"].max()][name]
            last[name] = values.iloc[0] if len(set(values)) == 1 else None if values.empty else set(values)
        check_profile(row, last, end)


def check_profile(row: pd.Series, last: dict, end: pd.Timestamp) -> None:
    """Several values of one instant are decided by something else than the order of rows: any of them is right."""
    ages = last["age"] if isinstance(last["age"], set) else {last["age"]}
    assert row["person_age"] in ages or (last["age"] is None and np.isnan(row["person_age"]))
    if not isinstance(last["joined"], set):
        days = np.nan if last["joined"] is None else (end - last["joined"].normalize()).days
        assert row["person_days_since_joined"] == pytest.approx(days, nan_ok=True)
    if not isinstance(last["channel"], set):
        for word, name in (("on-line", "on_line"), ("shop", "shop")):
            expected = np.nan if last["channel"] is None else float(last["channel"] == word)
            assert row[f"person_channel_is_{name}"] == pytest.approx(expected, nan_ok=True)


@given(st.lists(_event, min_size=1, max_size=25), st.lists(_row, min_size=1, max_size=25), st.integers(0, 9))
@settings(max_examples=8)
def test_the_order_of_the_rows_changes_nothing(events: list[tuple], rows: list[tuple], seed: int) -> None:
    for name, config, table in (
        ("visits", EVENTS, events_table(events)),
        ("person", PROFILE, profile_table(rows)),
    ):
        shuffled = table.sample(frac=1, random_state=seed)
        pd.testing.assert_frame_equal(features_of(name, config, table), features_of(name, config, shuffled))


@given(st.lists(_event, min_size=1, max_size=25), st.sampled_from(CUTOFFS))
@settings(max_examples=8)
def test_a_late_record_is_not_seen_before_it_was_known(rows: list[tuple], cutoff: int) -> None:
    table, end = events_table(rows), np.datetime64(cutoff, "D")
    seen = table[(table["happened_at"] < end) & (table["known_at"] < end)]
    whole, cut = (features_of("visits", EVENTS, some) for some in (table, seen))
    pd.testing.assert_frame_equal(whole[whole["cutoff"] == cutoff], cut[cut["cutoff"] == cutoff])


def test_without_known_at_an_event_is_known_at_once() -> None:
    table = events_table([("a", 6.5, 0, "web", 2.0), ("a", 7.0, 0, "web", 4.0)]).drop(columns="known_at")
    made = features_of("visits", EventsConfig(), table)
    assert made["visits_sum_ever"].tolist()[:2] == [2.0, 6.0]


def test_columns_by_other_names_and_a_file(tmp_path) -> None:
    table = events_table([("a", 1, 0, "web", 2.0), ("b", 3, 0, "phone", 1.0)]).rename(columns={"happened_at": "When"})
    table.drop(columns="known_at").to_csv(tmp_path / "visits.csv", index=False)
    config = EventsConfig(source=str(tmp_path / "visits.csv"), columns={"happened_at": "When"}, measures=("count",))
    loaded = load_tables({"visits": config}, CLOCK)["visits"]
    assert loaded.table.streams[""].day.tolist() == [FIRST + 1, FIRST + 3]
    assert loaded.report == ("2 rows read, 2 kept, 0 set aside",)


BAD = [
    ({"customer_id": None}, "customer_id is missing"),
    ({"happened_at": None}, "happened_at is missing"),
    ({"happened_at": "yesterday"}, "happened_at is not a time (yesterday)"),
    ({"happened_at": "1900-01-01"}, "happened_at is too early (1900-01-01)"),
    ({"happened_at": "2999-01-01"}, "happened_at is in the future (2999-01-01)"),
    ({"known_at": None}, "known_at is missing"),
    ({"value": "much"}, "value is not a number (much)"),
    ({"value": "inf"}, "value is infinite or too large (inf)"),
]
GOOD = {"customer_id": "a", "happened_at": "2020-01-02", "known_at": "2020-01-03", "kind": "web", "value": "1.5"}


@pytest.mark.parametrize(("fault", "reason"), BAD, ids=[reason for _, reason in BAD])
def test_a_bad_row_is_set_aside_with_its_reason(fault: dict, reason: str) -> None:
    table = pd.DataFrame([GOOD, GOOD | fault], dtype=object)
    loaded = load_tables({"visits": EventsConfig(max_bad_share=0.5)}, CLOCK, {"visits": table})["visits"]
    assert loaded.quarantine[["row", "reason"]].to_numpy().tolist() == [[1, reason]]
    assert loaded.report[0] == "2 rows read, 1 kept, 1 set aside"
    assert len(loaded.table.streams[""].day) == 1
    with pytest.raises(DataError, match="the table 'visits': 1 of 2 rows are bad"):
        load_tables({"visits": EventsConfig()}, CLOCK, {"visits": table})


@pytest.mark.parametrize(
    ("config", "given", "message"),
    [
        (EventsConfig(), {}, "'visits' is declared, but not given"),
        (EventsConfig(), {"visit": 1}, "no feature is declared of"),
        (EventsConfig(), {"visits": pd.DataFrame({"customer_id": ["a"]})}, "no column 'happened_at'"),
        (EventsConfig(), {"visits": pd.DataFrame([GOOD]).drop(columns="value")}, "no column 'value'"),
        (EVENTS, {"visits": pd.DataFrame([GOOD]).drop(columns="kind")}, "no column 'kind'"),
        (EventsConfig(columns={"when": "x"}), {"visits": pd.DataFrame([GOOD])}, r"features.events.columns\] maps"),
        (PROFILE, {"visits": pd.DataFrame([GOOD])}, "no column 'age'"),
    ],
)
def test_what_is_missing_is_named(config: EventsConfig, given: dict, message: str) -> None:
    with pytest.raises((UsageError, DataError), match=message):
        load_tables({"visits": config}, CLOCK, given)


@pytest.mark.parametrize("kinds", [("web", "WEB"), ("!",)])
def test_kinds_must_make_different_names(kinds: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="kinds must differ"):
        EventsConfig(kinds=kinds)


def test_every_feature_says_what_it_is() -> None:
    features = [*event_features("visits", EVENTS, WINDOWS), *profile_features("person", PROFILE)]
    names = [feature.name for feature in features]
    assert len(set(names)) == len(names) == 26
    assert all(name.isidentifier() and name == name.lower() for name in names)
    assert all(feature.meaning and feature.unit and feature.formula for feature in features)
    assert len({feature.meaning for feature in features}) == len(features)
