"""What is fitted of money: spreads that cover, groups without gaps, and how much regression takes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history import History
from features.model.money import Money
from training.bench import Bench
from training.config import Recipe
from training.log import Log
from training.money import FEWEST, fit_kept, fit_spread, levelled, longest, with_money
from training.table import Table
from training.train import Trained


def drawn(rows: int, seed: int) -> tuple[np.ndarray, ...]:
    """Chance of an order, expected spend, spend, order."""
    rng = np.random.default_rng(seed)
    p = rng.beta(1.5, 1, rows).clip(0.01, 0.99)
    ordered = rng.random(rows) < p
    value = rng.gamma(3, 10, rows)
    return p, p * value, np.where(ordered, value * rng.gamma(4, 0.25, rows), 0.0), ordered


def test_the_interval_covers_later_customers_as_often_as_it_says() -> None:
    spread = fit_spread(*drawn(20_000, seed=1))
    p, expected, spend, _ = drawn(20_000, seed=2)
    low, high = spread.interval(p, expected)

    assert len(spread.multiples) == 4
    for likely in (p < 0.3, (p > 0.3) & (p < 0.6), p > 0.6):
        assert (spend[likely] > high[likely]).mean() <= 0.115
        assert (spend[likely] < low[likely]).mean() <= 0.115
    sure = p > 0.9
    assert (spend[sure] > high[sure]).mean() == pytest.approx(0.1, abs=0.03)
    assert (spend[sure] < low[sure]).mean() == pytest.approx(0.1, abs=0.03)


@given(st.integers(1, 6 * FEWEST), st.lists(st.sampled_from([0.1, 0.5, 0.9]), min_size=1, max_size=3, unique=True))
@settings(max_examples=20)
def test_equal_chances_make_no_empty_groups(rows: int, chances: list[float]) -> None:
    p = np.resize(np.array(chances), rows)
    spread = fit_spread(p, p * 10, np.linspace(-1, 50, rows), np.ones(rows, dtype=bool))

    assert 1 <= len(spread.multiples) <= min(4, len(chances))
    assert np.isfinite(spread.multiples).all()


@pytest.mark.parametrize("kept", [0.1, 0.4, 1.0])
def test_what_regression_leaves_is_found_again(kept: float) -> None:
    rng = np.random.default_rng(3)
    risk, without = rng.beta(1, 3, 50_000), rng.gamma(2, 50, 50_000)
    regressed = rng.random(50_000) < risk
    spend = without * np.where(regressed, kept, 1.0) * rng.gamma(2, 0.5, 50_000)

    expected = without * (1 - risk * (1 - kept))
    assert fit_kept(expected, risk, spend, regressed) == pytest.approx(kept, abs=0.02)
    assert fit_kept(0.6 * expected, risk, spend, regressed) == pytest.approx(kept, abs=0.02)  # whatever the level


def test_nobody_regressed_and_half_is_believed() -> None:
    ones = np.ones(4)
    assert fit_kept(ones, ones / 2, ones, np.zeros(4, dtype=bool)) == 0.5


@pytest.mark.parametrize(
    ("known", "days"), [(28, 28), (2 * 56 - 1, 28), (2 * 56, 56), (727, 336), (728, 364), (9999, 364)]
)
def test_a_long_window_is_no_longer_than_the_history_before_it(known: int, days: int) -> None:
    assert longest(100, 100 + known, 28) == days


def test_a_long_window_ends_where_the_calibration_ends(
    orders: pd.DataFrame, history: History, recipe: Recipe, trained: Trained
) -> None:
    """What came later, which judges, changes nothing that is known of money."""

    def money(known: History) -> Money | None:
        bench = Bench(Log.of(known), trained.model.spec, recipe, trained.end, lambda _: None)
        return bench.fit(trained.judged)[0].calibration.money

    until = trained.judged.calibrate[-1] + recipe.period_days
    later = orders["ordered_at"] >= np.datetime64(until, "D")
    dearer = orders.assign(amount=orders["amount"].where(~later, 1000 * orders["amount"]))
    found = money(history)

    assert found == money(History.of(dearer))
    assert found is not None
    assert found.year is not None
    assert found.year.days == 28 * ((until - history.first_day) // 2 // 28)


def test_the_level_of_money_is_that_of_usual_order_values(trained: Trained, judged_on: Table) -> None:
    money, features = trained.model.calibration.money, judged_on.features
    assert money is not None
    found = levelled(money.model_copy(update={"level": 7.0}), trained.model, judged_on, threads=1)
    ahead = with_money(trained.model, found).ahead(features, 28, threads=1)
    worth = (features["order_day_value_ever"] * features["order_days_ever"]).sum()
    stayed = features["net_spend_ever"].sum() / worth
    usual = ahead.orders * money.usual_value(features) * stayed
    known = np.isfinite(usual)

    assert 0.9 < stayed < 0.99  # some of it came back
    assert ahead.spend[known].sum() == pytest.approx(usual[known].sum(), rel=1e-9)
    assert np.corrcoef(ahead.spend[known], usual[known])[0, 1] < 0.999  # who spends how much is another matter
    returned = replace(judged_on, facts=judged_on.facts.assign(net_spend=judged_on.facts["net_spend"] * 0.9))
    less = levelled(money, trained.model, returned, threads=1)
    assert less.level == pytest.approx(0.9 * found.level, rel=1e-9)  # a tenth of what was worth it came back
    dearest = features["order_day_value_ever"].where(np.arange(len(features)) > 0, 1e12)
    absurd = replace(judged_on, features=features.assign(order_day_value_ever=dearest))
    assert levelled(money, trained.model, absurd, threads=1).level == 2  # one order lifts nobody further

    unvalued = money.model_copy(update={"order_value": None})
    assert levelled(unvalued, trained.model, judged_on, threads=1) == unvalued


def test_spend_of_the_whole_shop_is_about_what_came(trained: Trained, judged_on: Table) -> None:
    forecast = trained.judgement.forecast
    spend = judged_on.labels.spend

    assert forecast.expected_spend.sum() == pytest.approx(spend.sum(), rel=0.35)
    assert ((forecast.period.low <= spend) & (spend <= forecast.period.high)).mean() >= 0.7
    assert (forecast.year.spend > forecast.period.spend).all()
    assert (forecast.lost_by_regression > 0).all()
