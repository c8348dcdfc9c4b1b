"""What a report may never do: look past the cut-off, judge a spec on its own orders, or count unfinished windows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from planted_shops import CONSTANTS, QUICK, span_of

from features.clock import Clock, to_date, to_day
from features.config import StageConfig
from features.errors import DataError
from features.history import History
from features.stages.fit import fit_spec
from training.log import Log
from training.validity.folder import TABLES
from training.validity.measures import MEASURES
from training.validity.report import Validity
from training.validity.run import judge_stages
from training.validity.span import Settings, first_tick, given_span, known_until, new_span

CLOCK = Clock()
TICK = int(np.datetime64("2020-11-30", "D").astype(int))
FEW = Settings(resamples=20, shuffles=2)


def same(one: Validity, other: Validity) -> None:
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert one.notes == other.notes


def test_orders_at_or_after_the_cut_off_change_nothing(orders: pd.DataFrame) -> None:
    whole = History.of(orders)
    cut = History.of(orders[orders["ordered_at"] < pd.Timestamp(to_date(TICK))])
    assert len(cut.day) < 0.9 * len(whole.day)
    assert len(cut.customers) < len(whole.customers)  # newcomers move everybody's code, which must not show either
    same(*(judge_stages(history, new_span(Log.of(history), TICK, CONSTANTS), FEW) for history in (whole, cut)))


def test_what_is_planted_after_the_cut_off_changes_nothing_at_all(orders: pd.DataFrame) -> None:
    known = orders[orders["ordered_at"] < pd.Timestamp(to_date(TICK))]
    later = known.sample(400, random_state=1).assign(ordered_at=pd.Timestamp(to_date(TICK)), amount=1e5)
    one, other = (History.of(table) for table in (known, pd.concat([known, later])))
    same(*(judge_stages(history, new_span(Log.of(history), TICK, CONSTANTS), FEW) for history in (one, other)))


def test_the_law_notices_a_look_past_the_cut_off(orders: pd.DataFrame) -> None:
    history = History.of(orders)
    one, other = (judge_stages(history, new_span(Log.of(history), tick, CONSTANTS), FEW) for tick in (TICK, TICK + 28))
    with pytest.raises(AssertionError):
        same(one, other)


def test_row_order_and_the_caller_s_table_do_not_matter(orders: pd.DataFrame, report: Validity) -> None:
    shuffled = orders.sample(frac=1, random_state=3)
    before = shuffled.copy()
    history = History.of(shuffled)
    same(report, judge_stages(history, span_of(history), QUICK))
    pd.testing.assert_frame_equal(shuffled, before)


def test_the_spec_is_fitted_before_the_first_tick(history: History) -> None:
    span = span_of(history)
    assert span.spec.fitted_before == to_date(span.ticks[0]).isoformat()
    assert span.spec == fit_spec(history, span.ticks[0], 28, StageConfig(), CLOCK)
    middle = (history.first_day + span.end) / 2
    assert -1 < span.ticks[0] - middle < 7
    assert set(np.diff(span.ticks)) == {28}
    assert span.end - 28 < span.ticks[-1] <= span.end


def test_a_given_spec_judges_only_after_its_own_orders(history: History) -> None:
    as_of = CLOCK.after(history.last_day)
    log = Log.of(history)
    early = fit_spec(history, TICK - 280, 28, StageConfig(), CLOCK)
    late = fit_spec(history, TICK, 28, StageConfig(), CLOCK)
    assert given_span(log, as_of, early).ticks[0] == first_tick(log, as_of, 0.5, CLOCK) > TICK - 280
    assert given_span(log, as_of, late).ticks[0] == TICK
    between = late.model_copy(update={"fitted_before": to_date(TICK + 2).isoformat()})
    assert given_span(log, as_of, between).ticks[0] == TICK + 7
    with pytest.raises(DataError, match="too short to judge"):
        given_span(log, TICK, late)


def test_nothing_is_known_where_orders_end_before_the_cut_off(history: History) -> None:
    far = CLOCK.after(history.last_day) + 70
    assert known_until(Log.of(history), far, CLOCK) == CLOCK.floor(history.last_day + 1)
    with pytest.raises(DataError, match="no orders before"):
        known_until(Log.of(history), history.first_day, CLOCK)


def test_unfinished_windows_are_left_out_and_counted(judged, history: History) -> None:
    made = {measure.name: measure.make(judged) for measure in MEASURES}
    for name, weeks in {
        "ordered_4w": 4,
        "ordered_13w": 13,
        "ordered_26w": 26,
        "spend_next": 13,
        "peak_held": 13,
    }.items():
        late = judged.snapshots.cutoff + 7 * weeks > judged.span.end
        assert made[name].left_out == late.sum() > 0
        assert not made[name].bottom[late].any()
        assert not made[name].top[late].any()
        assert made[name].bottom[~late].any()


def test_a_log_of_a_few_weeks_is_refused_with_what_is_needed(orders: pd.DataFrame) -> None:
    few = History.of(orders[orders["ordered_at"] < "2020-02-10"])
    with pytest.raises(DataError) as error:
        span_of(few)
    assert "at least one period of 28 days" in str(error.value)


def test_a_log_of_returns_alone_is_refused(orders: pd.DataFrame) -> None:
    returned = History.of(orders.assign(is_return=True, amount=-orders["amount"].abs()))
    with pytest.raises(DataError, match="no customer is known"):
        span_of(returned)


def test_a_short_log_says_that_it_cannot_tell(orders: pd.DataFrame) -> None:
    history = History.of(orders[orders["ordered_at"] < "2020-04-20"])
    found = judge_stages(history, span_of(history), FEW)
    claims = found.claims.set_index("claim")
    assert (claims.loc[["orders_stable", "peak_kept", "ordering_silent"], "verdict"] == "cannot tell").all()
    assert "fewer than 30 customers" in claims.loc["orders_stable", "why"]
    assert np.isnan(found.by_stage["ordered_13w"]).all()


def test_one_customer(orders: pd.DataFrame) -> None:
    number = orders["customer_id"].value_counts()
    history = History.of(orders[orders["customer_id"] == number.index[0]])
    found = judge_stages(history, span_of(history), FEW)
    verdicts = found.claims[found.claims["claim"] != "no_skipping"]["verdict"]
    assert set(verdicts) == {"cannot tell"}
    assert found.lines()
    assert found.to_markdown()


def test_a_shop_without_money_or_products(orders: pd.DataFrame) -> None:
    history = History.of(orders[["customer_id", "ordered_at", "is_return"]])
    claims = judge_stages(history, span_of(history), FEW).claims.set_index("claim")
    assert claims.loc["test_orders", "why"] == "the orders have no money (amount)"
    assert claims.loc["unit_price", "why"] == "the orders have no products with unit prices"
    assert claims.loc[["orders_stable", "peak_kept", "fall_off"], "effect"].notna().all()


def test_money_that_is_all_zero_is_no_money(orders: pd.DataFrame) -> None:
    history = History.of(orders.assign(amount=0.0))
    claims = judge_stages(history, span_of(history), FEW).claims.set_index("claim")
    assert claims.loc["test_orders", "why"] == "the orders have no money (amount)"


def test_the_currency_does_not_matter(orders: pd.DataFrame, report: Validity) -> None:
    history = History.of(orders.assign(amount=orders["amount"] * 1000, unit_price=orders["unit_price"] * 1000))
    claims = judge_stages(history, span_of(history), QUICK).claims
    pd.testing.assert_frame_equal(claims, report.claims, rtol=1e-6)


def test_a_whole_week_s_shift_in_time_does_not_matter(orders: pd.DataFrame, report: Validity) -> None:
    history = History.of(orders.assign(ordered_at=orders["ordered_at"] + pd.Timedelta(weeks=37)))
    pd.testing.assert_frame_equal(judge_stages(history, span_of(history), QUICK).claims, report.claims)


def test_a_seed_gives_the_same_report_twice_and_another_one_other_intervals(history: History, report: Validity) -> None:
    again = judge_stages(history, span_of(history), QUICK)
    same(report, again)
    other = judge_stages(history, span_of(history), replace(QUICK, seed=7)).claims
    assert (other["low"] != report.claims["low"]).sum() > 10


def test_day_numbers_are_dates(history: History) -> None:
    span = span_of(history)
    assert all(CLOCK.floor(tick) == tick for tick in [*span.ticks, span.end])
    assert to_day(to_date(span.end)) == span.end


def test_of_too_many_customers_a_random_sample_is_measured(orders: pd.DataFrame) -> None:
    history = History.of(orders)
    span, most = new_span(Log.of(history), TICK, CONSTANTS), len(history.known(TICK)) // 2
    some = judge_stages(history, span, replace(FEW, most=most))
    measured = some.by_stage.set_index("group").loc["everyone", "customers"]
    assert most * 0.8 < measured < most * 1.2
    known = len(history.known(span.end))
    assert any(f"of {known} customers is measured" in note for note in some.notes)
    assert "random sample" not in " ".join(judge_stages(history, span, FEW).notes)
    cut = History.of(orders[orders["ordered_at"] < pd.Timestamp(to_date(TICK))])
    same(some, judge_stages(cut, span, replace(FEW, most=most)))
