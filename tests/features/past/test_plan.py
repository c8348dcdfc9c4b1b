from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from histories import order_sets, some_spec, spec_for, ticks
from hypothesis import given, settings
from hypothesis import strategies as st

from features import table
from features.errors import UsageError
from features.families import all_features
from features.feature import Feature
from features.fixed import Floats
from features.history import History
from features.past import Past, Snapshots, batches
from features.past.answers import CUSTOMER, CUTOFF, answer
from features.past.batches import feature_batches
from features.past.plan import EVERYTHING, Plan
from features.table import feature_matrix

WINDOWS = (4, 13, 52)


@pytest.fixture
def past(cdnow_few: pd.DataFrame) -> Past:
    history = History.of(cdnow_few)
    return Past(history, Snapshots.of(history, ticks(cdnow_few)[5:60]), some_spec())


def feature(compute: Callable[[Past], Floats], unit: str = "ratio") -> Feature:
    return Feature("mine", "for a test", unit, compute)


def at_every_snapshot(past: Past, features: list[Feature]) -> dict[str, np.ndarray]:
    return {one.name: np.asarray(one.compute(past), dtype=np.float64) for one in features}


def same(one: dict[str, np.ndarray], two: dict[str, np.ndarray]) -> None:
    assert list(one) == list(two)
    for name, column in one.items():
        np.testing.assert_array_equal(column, two[name], err_msg=name)


@settings(max_examples=15)
@given(orders=order_sets(), every=st.sampled_from([1, 4]), hold_days=st.sampled_from([14, 28]))
def test_what_is_repeated_is_what_every_snapshot_would_have_computed(
    orders: pd.DataFrame, every: int, hold_days: int
) -> None:
    history, spec = History.of(orders), spec_for(orders, hold_days)
    features = all_features(WINDOWS, history.has)
    snapshots = Snapshots.of(history, ticks(orders, every)[:70])
    found = feature_matrix(Past(history, snapshots, spec), features)
    same(found, at_every_snapshot(Past(history, snapshots, spec), features))
    assert {name: str(column.dtype) for name, column in found.items()} == {one.name: one.dtype for one in features}


def test_real_customers_have_the_values_of_every_snapshot(past: Past) -> None:
    features = all_features(WINDOWS, frozenset({"quantity", "unit_price", "amount"}))
    same(feature_matrix(past, features), at_every_snapshot(past.at(slice(None)), features))


@pytest.mark.parametrize(("size", "threads"), [(1, 2), (97, 1), (97, 3), (10_000_000, 0)])
def test_neither_the_size_of_a_batch_nor_threads_change_a_bit(
    past: Past, monkeypatch: pytest.MonkeyPatch, size: int, threads: int
) -> None:
    features = all_features((4,), frozenset({"amount"}))
    past = past.at(slice(0, 700)) if size == 1 else past
    want = feature_matrix(past, features)
    monkeypatch.setattr(table, "SIZE", size)
    same(feature_matrix(past, features, threads), want)


@pytest.mark.parametrize(("size", "threads"), [(60, 1), (500, 3), (10_000_000, 0)])
def test_batches_together_are_the_table(
    cdnow_few: pd.DataFrame, past: Past, monkeypatch: pytest.MonkeyPatch, size: int, threads: int
) -> None:
    monkeypatch.setattr(batches, "SIZE", size)
    features = all_features((4,), frozenset({"amount"}))
    history, cutoffs = History.of(cdnow_few), ticks(cdnow_few)[5:60]
    made = list(feature_batches(history, cutoffs, some_spec(), features, threads))
    snapshots = Snapshots.of(history, cutoffs)
    np.testing.assert_array_equal(np.concatenate([batch.customer for batch in made]), snapshots.customer)
    np.testing.assert_array_equal(np.concatenate([batch.cutoff for batch in made]), snapshots.cutoff)
    values = {one.name: np.concatenate([batch.values[one.name] for batch in made]) for one in features}
    same(values, feature_matrix(past, features))
    assert all(len(set(one.customer) & set(two.customer)) == 0 for one, two in pairwise(made))


def test_without_a_cutoff_there_is_no_batch(cdnow_few: pd.DataFrame) -> None:
    assert list(feature_batches(History.of(cdnow_few), [], some_spec(), all_features((4,), frozenset()))) == []


def test_a_feature_is_computed_as_often_as_what_it_asks_for_changes(past: Past) -> None:
    features = all_features((4,), frozenset({"amount"}))
    reads = {one.name: reads for reads, group in Plan.of(past, features).groups.items() for one in group}
    assert reads["net_spend_4w"] == {CUSTOMER, 0, 28}
    assert reads["spend_change_4w"] == {CUSTOMER, 0, 28, 56}
    assert reads["first_value"] == {CUSTOMER}
    assert reads["year_sine"] == reads["shop_rate_4w"] == {CUTOFF}
    assert reads["recency"] == reads["stage_code"] == EVERYTHING
    looked_at: list[int] = []
    feature_matrix(past, [feature(lambda p: looked_at.append(len(p)) or p.count("lines", 28))])
    assert looked_at[0] == 0
    assert 0 < looked_at[1] < len(past) / 3


LIES = {
    "a window": lambda p: p.count("lines", 28),
    "the customer": lambda p: p.customer.astype(float),
    "the cut-off": lambda p: p.cutoff.astype(float),
    "nothing": lambda p: np.zeros(len(p)),
}
TRUTHS = {
    "another window": lambda p: p.count("lines", 91),
    "the end alone": lambda p: p.at_last("value"),
    "the day": lambda p: p.recency,
    "the stage": lambda p: p.stages.silence,
    "the shop": lambda p: p.shop.customers() + p.count("lines"),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("truth", TRUTHS)
def test_a_feature_that_asks_for_more_than_it_showed_is_right_all_the_same(past: Past, lie: str, truth: str) -> None:
    liar = feature(lambda p: TRUTHS[truth](p) if len(p) else LIES[lie](p))
    same(feature_matrix(past, [liar]), at_every_snapshot(past, [feature(TRUTHS[truth])]))


def test_a_feature_that_cannot_do_without_snapshots_is_right(past: Past) -> None:
    def above_least(p: Past) -> Floats:
        return p.count("lines", 28) + 0 * p.recency.max()

    same(feature_matrix(past, [feature(above_least)]), {"mine": past.count("lines", 28)})


@pytest.mark.parametrize("compute", [lambda _: 1.0, lambda p: np.zeros(2 * len(p) + 1)])
def test_a_feature_that_gives_no_value_for_each_snapshot_is_refused(past: Past, compute: Callable) -> None:
    with pytest.raises(UsageError, match="'mine' gives no value for each snapshot"):
        feature_matrix(past, [feature(compute)])


@pytest.mark.parametrize("unit", ["days", "count", "code"])
def test_a_unit_of_whole_numbers_holds_no_others(past: Past, unit: str) -> None:
    thirds = feature(lambda p: p.count("lines") + (p.recency > 30) / 3, unit)
    with pytest.raises(UsageError, match="values that its unit does not allow") as error:
        feature_matrix(past, [thirds])
    assert f"such as 'mean {unit}'" in str(error.value)
    unknown = feature_matrix(past, [feature(lambda p: np.where(p.recency > 30, np.nan, p.recency), unit)])["mine"]
    assert unknown.dtype == np.float32
    assert np.isnan(unknown).any()


def test_a_feature_cannot_spoil_what_others_are_given(past: Past) -> None:
    with pytest.raises(ValueError, match="read-only"):
        past.count("lines").sort()
    with pytest.raises(ValueError, match="read-only"):
        past.recency[:] = 0


def test_each_cutoff_has_its_own_spec(cdnow_few: pd.DataFrame) -> None:
    history, cutoffs = History.of(cdnow_few), ticks(cdnow_few)[30:60:10]
    slow = some_spec().model_copy(update={"typical_gap": (60.0, 50.0, 40.0, 30.0)})
    specs = dict(zip(cutoffs, [some_spec(), slow, some_spec()], strict=True))
    features = all_features((4,), history.has)
    snapshots = Snapshots.of(history, cutoffs)
    found = feature_matrix(Past(history, snapshots, specs), features)
    for cutoff, spec in specs.items():
        alone = feature_matrix(Past(history, Snapshots.of(history, [cutoff]), spec), features)
        same({name: column[snapshots.cutoff == cutoff] for name, column in found.items()}, alone)


def test_specs_of_different_periods_are_refused(cdnow_few: pd.DataFrame) -> None:
    history, (one, two) = History.of(cdnow_few), ticks(cdnow_few)[30:50:10]
    specs = {one: some_spec(), two: some_spec(hold_days=14)}
    with pytest.raises(UsageError, match="one period") as error:
        _ = Past(history, Snapshots.of(history, [one, two]), specs).hold_days
    assert "got: 14 days, 28 days" in str(error.value)


def test_at_a_cutoff_before_a_column_began_its_features_are_unknown(cdnow_few: pd.DataFrame) -> None:
    cutoffs = ticks(cdnow_few)[20:60:10]
    begins = pd.Timestamp(np.datetime64(cutoffs[1], "D"))
    orders = cdnow_few.assign(unit_price=cdnow_few["unit_price"].where(cdnow_few["ordered_at"] >= begins))
    assert (orders["ordered_at"].dt.normalize() == begins).any()
    history = History.of(orders)
    snapshots = Snapshots.of(history, cutoffs)
    prices = feature_matrix(Past(history, snapshots, some_spec()), all_features((52,), history.has))["unit_price_52w"]
    unknown = {cutoff: np.isnan(prices[snapshots.cutoff == cutoff]).all() for cutoff in cutoffs}
    assert list(unknown.values()) == [True, True, False, False]


def test_stages_asked_for_once_serve_every_part(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    codes = past.stages.stage.astype(np.float64)
    monkeypatch.setattr("features.past.past.run_all_stages", lambda *_: pytest.fail("walked again"))
    found = feature_matrix(past, [feature(lambda p: p.stages.stage.astype(np.float64), "code")])
    same(found, {"mine": codes})


def test_an_answer_that_turns_out_to_depend_on_more_is_not_taken_from_elsewhere(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sly(asked: Past) -> Floats:
        return asked.count("order_day", 28 if len(asked) else None)

    monkeypatch.setattr(Past, "sly", answer(sly), raising=False)
    features = [
        Feature("ever", "for a test", "count", lambda p: p.count("order_day")),
        Feature("mine", "for a test", "ratio", lambda p: p.recency + p.sly()),  # type: ignore[attr-defined]
    ]
    plan = Plan.of(past, features)
    assert frozenset({CUSTOMER, 0}) in plan.answers.values()
    same(feature_matrix(past, features), at_every_snapshot(past.at(slice(None)), features))
