"""Each law is broken on purpose, and its check must notice."""

from collections.abc import Callable, Sequence

import laws
import numpy as np
import pandas as pd
import pytest
from histories import Builder, some_spec, ticks

from features.feature import Feature
from features.fixed import Floats
from features.past import Past

SPEC = some_spec()


def with_feature(compute: Callable[[Past], Floats]) -> Builder:
    return Builder(SPEC, (Feature("planted", "breaks a law", "", compute),))


def lines_in_all_time(past: Past) -> Floats:
    rows = past._history.starts[past.customer + 1]
    return past._history.totals("lines")[rows].astype(float)


def gross_next_week(past: Past) -> Floats:
    later = past._history.before(past.customer, past.cutoff + 7)
    return past._history.totals("gross")[later].astype(float)


PEEK = with_feature(gross_next_week)


@pytest.fixture
def few(cdnow_few: pd.DataFrame) -> tuple[pd.DataFrame, list[int]]:
    return cdnow_few, ticks(cdnow_few)[20:50:10]


Few = tuple[pd.DataFrame, list[int]]


@pytest.mark.parametrize("compute", [lines_in_all_time, gross_next_week])
def test_a_feature_that_peeks(few: Few, compute: Callable[[Past], Floats]) -> None:
    with pytest.raises(AssertionError, match="planted"):
        laws.no_future(with_feature(compute), *few)


def test_a_feature_that_peeks_at_what_is_yet_to_come(few: Few) -> None:
    orders, (cutoff, *_) = few
    later = orders.assign(ordered_at=pd.Timestamp(np.datetime64(cutoff, "D")))
    with pytest.raises(AssertionError, match="planted"):
        laws.more_future(PEEK, orders, cutoff, later)


def test_a_stage_that_peeks(few: Few) -> None:
    def next_stage(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
        shifted = Builder(SPEC)(orders, [cutoff + 28 for cutoff in cutoffs])
        return shifted.assign(cutoff=shifted["cutoff"] - 28)

    with pytest.raises(AssertionError, match=r"rows|stage|mismatch"):
        laws.no_future(next_stage, *few)


def test_a_past_refuses_to_look_ahead(few: Few) -> None:
    with pytest.raises(ValueError, match="7 days past its cut-off"):
        with_feature(lambda past: past.count("lines", 28, ending=-7))(*few)


def test_a_value_of_the_first_row(few: Few) -> None:
    def first_row(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
        return Builder(SPEC)(orders, cutoffs).assign(planted=orders["quantity"].iloc[0])

    with pytest.raises(AssertionError, match="planted"):
        laws.row_order(first_row, few[0].sort_values("quantity"), few[1], seed=1)


def test_a_float_sum_in_row_order(few: Few) -> None:
    def float_sum(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
        return Builder(SPEC)(orders, cutoffs).assign(planted=np.cumsum(orders["amount"].to_numpy())[-1])

    with pytest.raises(AssertionError, match="planted"):
        laws.row_order(float_sum, *few, seed=1)


def test_an_input_changed_in_place(few: Few) -> None:
    def writes(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
        orders["amount"] = orders["amount"].round()
        return Builder(SPEC)(orders, cutoffs)

    with pytest.raises(AssertionError, match="amount"):
        laws.input_untouched(writes, few[0].copy(), few[1])


def test_a_value_that_depends_on_the_other_cutoffs(few: Few) -> None:
    with pytest.raises(AssertionError, match="planted"):
        laws.each_alone(with_feature(lambda past: np.full(len(past.cutoff), float(len(past.cutoff)))), *few)


def test_a_look_at_others_without_saying_so(few: Few) -> None:
    build = with_feature(lambda past: past.shop.customers())
    names = few[0]["customer_id"].unique()
    with pytest.raises(AssertionError, match="planted"):
        laws.others_change_nothing(build, *few, [names[:50], names[50:]], laws.shop_features(build.features(few[0])))


def test_a_day_taken_as_a_value(few: Few) -> None:
    with pytest.raises(AssertionError, match="planted"):
        laws.shift_by_weeks(with_feature(lambda past: past.cutoff.astype(float)), *few, number=3)


def test_a_stage_that_depends_on_the_currency(few: Few) -> None:
    def by_money(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
        table = Builder(SPEC)(orders, cutoffs)
        return table.assign(stage_code=(table["level"] > 50) * 1.0)

    with pytest.raises(AssertionError, match="stage_code"):
        laws.currency(by_money, *few, factor=100.0)


def change(**columns: Callable[[pd.DataFrame], pd.Series]) -> laws.Build:
    return lambda orders, cutoffs: Builder(SPEC)(orders, cutoffs).assign(**columns)


@pytest.mark.parametrize("rows", [lambda table: table.iloc[1:], lambda table: table.iloc[[0, *range(len(table))]]])
def test_a_row_missing_or_doubled(few: Few, rows: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    with pytest.raises(AssertionError, match="missing or doubled"):
        laws.one_stage(lambda orders, cutoffs: rows(Builder(SPEC)(orders, cutoffs)), *few)


def test_no_stage(few: Few) -> None:
    with pytest.raises(AssertionError, match="no stage"):
        laws.one_stage(change(stage_code=lambda t: t["stage_code"].where(t["tenure"] != t["tenure"].max(), 4)), *few)


def test_an_illegal_move(cdnow_few: pd.DataFrame) -> None:
    def skip(table: pd.DataFrame) -> pd.Series:
        return table["stage_code"].replace({1.0: 2.0})

    with pytest.raises(AssertionError, match="an illegal move"):
        laws.legal(change(stage_code=skip), cdnow_few, ticks(cdnow_few), SPEC.hold_days)


def test_a_promotion_too_early(cdnow_few: pd.DataFrame) -> None:
    with pytest.raises(AssertionError, match="was not held"):
        laws.legal(Builder(some_spec(hold_days=7)), cdnow_few, ticks(cdnow_few), hold_days=28)


def test_a_stage_that_forgets_when_it_began(cdnow_few: pd.DataFrame) -> None:
    with pytest.raises(AssertionError, match="a broken clock"):
        laws.legal(change(days_in_stage=lambda t: t["days_in_stage"] * 2), cdnow_few, ticks(cdnow_few), 28)
