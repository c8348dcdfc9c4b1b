"""Each law of the stages is broken on purpose, by a stage one might well write, and its check must notice."""

from collections.abc import Callable, Sequence
from itertools import count

import laws
import numpy as np
import pandas as pd
import pytest
from histories import StageBuilder, some_spec, ticks

SPEC = some_spec()
RIGHT = StageBuilder(SPEC)
Few = tuple[pd.DataFrame, list[int]]


@pytest.fixture
def few(cdnow_few: pd.DataFrame) -> Few:
    return cdnow_few, ticks(cdnow_few)[20:50:10]


def planted(orders: pd.DataFrame, cutoffs: Sequence[int], wrong: np.ndarray | bool) -> pd.DataFrame:
    """The right stages, but regression and slipping where `wrong`."""
    table = RIGHT(orders, cutoffs)
    regressed = {"stage_code": 3.0, "sub_state_code": 1.0}
    return table.assign(**{name: np.where(wrong, code, table[name]) for name, code in regressed.items()})


def rows(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    return RIGHT(orders, cutoffs)


def last_seen(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    """Churned is who never comes again: known only afterwards."""
    table = rows(orders, cutoffs)
    last = orders.groupby("customer_id")["ordered_at"].max()
    at = table["cutoff"].to_numpy().astype("datetime64[D]")
    return planted(orders, cutoffs, table["customer_id"].map(last).to_numpy().astype("datetime64[D]") < at)


def test_a_stage_from_the_last_order_ever(few: Few) -> None:
    with pytest.raises(AssertionError, match="stage_code"):
        laws.no_future(last_seen, *few)


def test_a_stage_that_another_future_changes(few: Few) -> None:
    orders, (cutoff, *_) = few
    later = orders.assign(ordered_at=pd.Timestamp(np.datetime64(cutoff, "D")))
    with pytest.raises(AssertionError, match="stage_code"):
        laws.more_future(last_seen, laws.before(orders, cutoff), cutoff, later)


def without_formative(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    return rows(orders, cutoffs).replace({"stage_code": {1.0: 2.0}})


def back_to_stable(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    table = rows(orders, cutoffs)
    recovered = (table["stage_code"] == 1) & (table["recoveries"] > 0)
    return table.assign(stage_code=table["stage_code"].mask(recovered, 2.0))


@pytest.mark.parametrize("build", [without_formative, back_to_stable])
def test_a_skipped_stage(cdnow_few: pd.DataFrame, build: laws.Build) -> None:
    with pytest.raises(AssertionError, match="an illegal move"):
        laws.legal(build, cdnow_few, ticks(cdnow_few), SPEC.hold_days)


def test_a_promotion_too_early(cdnow_few: pd.DataFrame) -> None:
    with pytest.raises(AssertionError, match="was not held"):
        laws.legal(StageBuilder(some_spec(hold_days=7)), cdnow_few, ticks(cdnow_few), hold_days=28)


def first_line(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    """The first line of the file decides, not the first of the calendar."""
    dear = orders.groupby("customer_id", sort=False)["amount"].first() > 30
    return planted(orders, cutoffs, rows(orders, cutoffs)["customer_id"].map(dear).to_numpy())


def test_a_stage_by_the_order_of_the_rows(few: Few) -> None:
    with pytest.raises(AssertionError, match="stage_code"):
        laws.row_order(first_line, *few, seed=1)


def test_a_stage_that_remembers_the_run_before(few: Few) -> None:
    runs = count()
    with pytest.raises(AssertionError, match="stage_code"):
        laws.twice(lambda orders, cutoffs: planted(orders, cutoffs, next(runs) > 0), *few)


def summer(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    month = rows(orders, cutoffs)["cutoff"].to_numpy().astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    return planted(orders, cutoffs, (month >= 5) & (month <= 7))


def test_a_stage_by_the_calendar(few: Few) -> None:
    with pytest.raises(AssertionError, match="stage_code"):
        laws.shift_by_weeks(summer, *few, number=26)


def in_dollars(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    return planted(orders, cutoffs, rows(orders, cutoffs)["level"].to_numpy() < 1.0)


def test_a_stage_by_a_sum_of_money(few: Few) -> None:
    with pytest.raises(AssertionError, match="stage_code"):
        laws.currency(in_dollars, *few, factor=100.0)


def by_the_hour(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    """Who buys in the afternoon; a file of dates knows nobody who does."""
    late = orders.assign(late=orders["ordered_at"].dt.hour >= 12).groupby("customer_id")["late"].any()
    return planted(orders, cutoffs, rows(orders, cutoffs)["customer_id"].map(late).to_numpy())


def by_the_number(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    """The number behind a time, as if it were always kept in the same unit."""
    number = orders["ordered_at"].to_numpy().astype(np.int64)
    big = orders.assign(big=number > 10**15).groupby("customer_id")["big"].any()
    return planted(orders, cutoffs, rows(orders, cutoffs)["customer_id"].map(big).to_numpy())


@pytest.mark.parametrize(("build", "unit"), [(by_the_hour, "datetime64[us]"), (by_the_number, "datetime64[ns]")])
def test_a_stage_by_the_hour_or_the_unit(few: Few, build: laws.Build, unit: str) -> None:
    orders = few[0].assign(ordered_at=few[0]["ordered_at"].astype("datetime64[s]"))
    with pytest.raises(AssertionError, match="stage_code"):
        laws.time_of_day(build, orders, few[1], unit, seed=2)


def edited(change: Callable[[pd.DataFrame], pd.DataFrame]) -> laws.Build:
    return lambda orders, cutoffs: change(rows(orders, cutoffs))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.iloc[1:], "missing or doubled"),
        (lambda table: table.iloc[[0, *range(len(table))]], "missing or doubled"),
        (lambda table: table.replace({"stage_code": {2.0: 4.0}}), "no stage"),
        (lambda table: table.assign(sub_state_code=0.0), "a sub-state outside regression, or none inside"),
    ],
    ids=["a row missing", "a row doubled", "no stage", "no sub-state"],
)
def test_a_customer_with_no_or_two_stages(few: Few, change: Callable, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        laws.one_stage(edited(change), *few)


def below_the_average(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    level = rows(orders, cutoffs)["level"]
    return planted(orders, cutoffs, (level < level.mean()).to_numpy())


def test_a_stage_by_comparison_with_others(few: Few) -> None:
    names = few[0]["customer_id"].unique()
    with pytest.raises(AssertionError, match="stage_code"):
        laws.others_change_nothing(below_the_average, *few, [names[:50], names[50:]], set())


def from_the_first_tick_asked(orders: pd.DataFrame, cutoffs: Sequence[int]) -> pd.DataFrame:
    """The walk begins where it is asked for first, not with the customer: regression before is not known."""
    table = rows(orders, cutoffs)
    old = table["days_in_stage"] > table["cutoff"] - min(cutoffs)
    return table.assign(
        stage_code=table["stage_code"].mask(old, 0.0), sub_state_code=table["sub_state_code"].mask(old, 0.0)
    )


@pytest.mark.parametrize("law", [laws.first_tick, laws.each_alone])
def test_a_stage_that_begins_with_the_first_tick_asked(cdnow_few: pd.DataFrame, law: Callable[..., None]) -> None:
    weekly = ticks(cdnow_few)
    begins = ([0, 1, len(weekly) // 2],) if law is laws.first_tick else ()
    with pytest.raises(AssertionError, match="stage_code"):
        law(from_the_first_tick_asked, cdnow_few, weekly, *begins)
