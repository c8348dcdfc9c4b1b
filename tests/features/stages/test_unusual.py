"""Shops and customers that are unlike the usual, under the spec of a real shop: what they get must still make sense."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.past import Snapshots
from features.stage_table import stage_table
from features.stages.fit import fit_spec
from features.stages.machine import StageState, run_stages
from features.stages.moves import Stage, SubState
from features.stages.spec import StageSpec
from features.stages.words import fitted_bands

E, F, S, R = Stage
CLOCK, YEAR = Clock(), 365
START = CLOCK.floor(15_000)  # a Monday
WORKDAYS = [day for day in range(3 * YEAR) if day % 7 < 5]


@pytest.fixture(scope="module")
def shop(cdnow_orders: pd.DataFrame) -> History:
    return History.of(cdnow_orders.assign(is_return=False))


@pytest.fixture(scope="module")
def spec(shop: History) -> StageSpec:
    return fitted(shop, "1998-03-09")


@pytest.fixture(scope="module")
def poor(cdnow_orders: pd.DataFrame) -> StageSpec:
    return fitted(History.of(cdnow_orders[["customer_id", "ordered_at"]].assign(is_return=False)), "1998-03-09")


def fitted(history: History, before: str) -> StageSpec:
    return fit_spec(history, CLOCK.tick(before), 28, StageConfig(), CLOCK)


def lines(days: Sequence[int], amounts: object = 10.0) -> pd.DataFrame:
    day = (START + np.asarray(days)).astype("datetime64[D]").astype("datetime64[us]")
    table = pd.DataFrame({"customer_id": "a", "ordered_at": day, "amount": amounts})
    return table.assign(is_return=table["amount"] < 0)


def walked(spec: StageSpec, orders: pd.DataFrame, weeks: int) -> StageState:
    """The customer at each of so many ticks; the k-th lies 7 (k + 1) days after `START`."""
    history = History.of(orders)
    snapshots = Snapshots.of(history, [START + 7 * k for k in range(1, weeks + 1)])
    return run_stages(history, spec, snapshots.customer, snapshots.cutoff)


def days_until(condition: np.ndarray) -> int:
    """Days from the start to the first tick at which something holds."""
    assert condition.any()
    return 7 * (int(np.argmax(condition)) + 1)


# -- a young shop ------------------------------------------------------------------------------------------


def regressed(history: History, cutoff: str, spec: StageSpec) -> float:
    return float((stage_table(history, CLOCK.tick(cutoff), spec)["stage"] == "regression").mean())


def test_three_months_of_orders_do_not_make_everybody_silent(shop: History, spec: StageSpec) -> None:
    young = fitted(shop, "1997-03-31")

    assert all(fitted_bands(young))
    # the plain quantiles of a log of three months would call two in five regressed, too many by a third of all
    assert regressed(shop, "1997-03-31", young) < regressed(shop, "1997-03-31", spec) + 0.15
    assert regressed(shop, "1997-03-31", young) > 0
    assert 0.7 < young.silent_after[0] / spec.silent_after[0] < 1.4


def test_a_young_and_small_shop_takes_defaults_and_says_so(cdnow_few: pd.DataFrame) -> None:
    history = History.of(cdnow_few)
    young = fitted(history, "1997-01-27")

    assert not any(fitted_bands(young))
    table = stage_table(history, CLOCK.tick("1997-02-24"), young)
    once = table[table["order_days"] == 1]
    assert set(once["stage"]) == {"examination"}  # the default takes two months to call anybody silent
    assert (table["stage"] == "regression").mean() < 0.1


def test_one_week_of_orders_is_enough_to_stand_somewhere(shop: History) -> None:
    table = stage_table(shop, CLOCK.tick("1997-01-06"), fitted(shop, "1997-01-06"))
    assert set(table["stage"]) == {"examination"}


# -- one-time buyers ---------------------------------------------------------------------------------------


def test_a_one_time_buyer_is_not_on_trial_for_ever(spec: StageSpec) -> None:
    found = walked(spec, lines([0]), 60)
    left = days_until(found.stage == R)

    assert spec.silent_after[0] < left <= spec.silent_after[0] + 7
    assert left <= 7 * spec.constants.follow_up_weeks + 7  # nobody can be told to return later than is followed up
    assert set(found.stage[left // 7 - 1 :]) == {R}
    gone = days_until(found.sub_state == SubState.LOST)
    assert spec.lost_after[0] < gone <= spec.lost_after[0] + 7


# -- a business that orders every working day --------------------------------------------------------------


def test_weekends_are_no_silence(spec: StageSpec) -> None:
    found = walked(spec, lines(WORKDAYS), 150)
    assert R not in found.stage
    assert found.stage[-1] == S


@pytest.mark.parametrize("begins", range(7))
def test_two_weeks_of_holidays_are_no_silence(spec: StageSpec, begins: int) -> None:
    first = 52 * 7 + begins
    kept = [day for day in WORKDAYS if not first <= day < first + 14]
    assert R not in walked(spec, lines(kept), 150).stage


def test_a_daily_buyer_that_stops_is_silent_soon_and_lost_later(spec: StageSpec) -> None:
    found = walked(spec, lines([day for day in WORKDAYS if day < 400]), 100)
    silent, lost = (days_until(found.sub_state == state) for state in (SubState.SILENT, SubState.LOST))

    assert 400 + spec.constants.shortest_silence <= silent <= 400 + spec.constants.shortest_silence + 7
    assert lost > silent


@pytest.mark.parametrize("how", ["spends less", "comes less"])
def test_a_daily_buyer_that_falls_off_is_slipping_while_it_lasts(spec: StageSpec, how: str) -> None:
    days = WORKDAYS if how == "spends less" else [day for day in WORKDAYS if day < 400 or day % 7 == 0]
    amounts = np.where((np.array(days) < 400) | (how == "comes less"), 100.0, 25.0)
    found = walked(spec, lines(days, amounts), 150)
    began = days_until(found.stage == R)

    assert 400 < began < 500
    weeks = slice(began // 7 - 1, began // 7 - 1 + 26)
    assert set(found.stage[weeks]) == {R}
    assert set(found.sub_state[weeks]) == {SubState.SLIPPING}
    # the lower level counts as its own in the end, and not for the time of two ticks only
    assert found.stage[-1] in (F, S)


# -- who orders once a year --------------------------------------------------------------------------------


@pytest.mark.parametrize("years", range(2, 9))
def test_yearly_buyers_are_not_lost_before_the_next_year_once_they_came_back_twice(spec: StageSpec, years: int) -> None:
    found = walked(spec, lines([YEAR * k for k in range(years)]), YEAR * years // 7)
    lost = found.sub_state[YEAR * (years - 1) // 7 :] == SubState.LOST

    assert lost.any() == (years < 3)


def test_yearly_buyers_are_taken_at_their_own_rhythm_in_the_end(spec: StageSpec) -> None:
    found = walked(spec, lines([YEAR * k for k in range(10)]), YEAR * 10 // 7)
    later = slice(YEAR * 7 // 7, None)

    assert R not in found.stage[later]
    assert 100 < found.cadence[-1] < YEAR


def test_who_has_not_missed_an_order_is_not_slipping(spec: StageSpec) -> None:
    found = walked(spec, lines([YEAR * k for k in range(10)]), YEAR * 10 // 7)
    began = np.flatnonzero((found.stage[1:] == R) & (found.stage[:-1] != R)) + 1
    assert set(found.sub_state[began]) == {SubState.SILENT}


# -- a shop without money ----------------------------------------------------------------------------------


def test_without_money_the_level_is_order_days(poor: StageSpec) -> None:
    assert poor.level_measure == "order_day_units"
    orders = lines([day for day in WORKDAYS if day < 400 or day % 7 == 0]).drop(columns="amount")
    found = walked(poor, orders, 90)

    assert found.stage[50] == S
    assert found.level[50] == pytest.approx(5, rel=0.1)  # order-days a week
    assert SubState.SLIPPING in found.sub_state


def test_money_that_is_all_zero_is_no_money() -> None:
    orders = lines(range(0, 400, 7), 0.0)
    spec = fitted(History.of(orders), "2012-01-02")

    assert spec.level_measure == "order_day_units"
    assert S in walked(spec, orders, 50).stage


# -- strange money and strange sizes -----------------------------------------------------------------------


def test_returns_before_the_first_purchase_make_nobody_known(spec: StageSpec) -> None:
    orders = lines([0, 7, 14, 35], [-20.0, -20.0, -20.0, 30.0])
    assert not len(History.of(orders.head(3)).known(START + 700))
    history = History.of(orders)
    assert not len(history.known(START + 35))
    found = walked(spec, orders, 20)
    assert len(found.stage) == 15  # from the tick of day 42 on
    assert found.stage[0] == E
    assert found.level[0] < 0


def test_a_customer_whose_returns_eat_up_its_purchases_is_never_stable(spec: StageSpec) -> None:
    days = np.repeat(np.arange(0, 400, 7), 2)
    orders = lines(days.tolist(), np.tile([10.0, -15.0], len(days) // 2))
    found = walked(spec, orders, 56)

    assert (found.peak <= 0).all()
    assert set(found.stage) == {E, F}  # an order-day a week is trust enough for formative, no level for more
    assert days_until(walked(spec, orders, 120).stage == R) > 400  # and silence ends it as it does for all


def test_returns_later_than_their_purchases_pull_the_level_down(spec: StageSpec) -> None:
    weekly = [(7 * k, 20.0) for k in range(40)]
    returned = [(7 * k + 1, -18.0) for k in range(40, 70)]
    days, amounts = zip(*weekly, *((7 * k, 20.0) for k in range(40, 70)), *returned, strict=True)
    found = walked(spec, lines(days, list(amounts)), 70)

    assert found.stage[39] == S
    assert SubState.SLIPPING in found.sub_state[40:]


def test_gifts_are_order_days_without_a_level(spec: StageSpec) -> None:
    weekly = [7 * k for k in range(60)]
    found = walked(spec, lines(weekly, np.where(np.arange(60) < 30, 10.0, 0.0)), 60)

    assert found.stage[29] == S
    assert found.sub_state[-1] == SubState.SLIPPING  # comes as ever, and spends nothing
    assert found.level[-1] == 0


def test_a_customer_with_a_hundred_thousand_lines(spec: StageSpec) -> None:
    rng = np.random.default_rng(0)
    orders = lines(np.sort(rng.integers(0, 700, 100_000)).tolist(), np.round(rng.gamma(2, 50, 100_000), 2))
    found = walked(spec, orders, 100)

    assert found.stage[-1] == S
    assert found.level[-1] == pytest.approx(orders["amount"].sum() / 100, rel=0.1)
