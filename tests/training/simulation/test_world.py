"""Each thing that a scenario names is seen in its orders."""

import numpy as np
import pandas as pd
import pytest

from training.simulation import Scenario, Simulated, simulate
from training.simulation.calendar import daily_demand, promoted

PLAIN = Scenario(wave=0, christmas=0, promotion_every=0, business=0)
CUSTOMERS = 3000


def varied(**values: object) -> Simulated:
    return simulate(Scenario.model_validate(PLAIN.model_dump() | values), CUSTOMERS, seed=7)


@pytest.fixture(scope="module")
def plain() -> Simulated:
    return simulate(PLAIN, CUSTOMERS, seed=7)


def bought(made: Simulated) -> pd.DataFrame:
    return made.orders[~made.orders["is_return"]]


def day_of(made: Simulated) -> pd.Series:
    return (bought(made)["ordered_at"] - pd.Timestamp(made.scenario.begins)).dt.days


def orders_a_day(made: Simulated) -> np.ndarray:
    once = bought(made).drop_duplicates("order_id")
    days = (once["ordered_at"] - pd.Timestamp(made.scenario.begins)).dt.days
    return np.bincount(days, minlength=made.scenario.days)


def events(made: Simulated) -> pd.DataFrame:
    """Needs that were met in each row of the truth with a rate, or ended it, and how many were to be expected."""
    truth = made.truth
    demand = np.concatenate([[0.0], np.cumsum(daily_demand(made.scenario)[0] / 7)])
    span = [(truth[side] - pd.Timestamp(made.scenario.begins)) / pd.Timedelta("1D") for side in ("begin", "end")]
    passed = np.interp(span[1], np.arange(len(demand)), demand) - np.interp(span[0], np.arange(len(demand)), demand)
    once = bought(made).drop_duplicates("order_id")
    placed = pd.merge_asof(
        once.sort_values("ordered_at"), truth.reset_index().sort_values("begin"), left_on="ordered_at",
        right_on="begin", by="customer_id", allow_exact_matches=False,
    )["index"]  # fmt: skip
    instant = pd.MultiIndex.from_frame(once[["customer_id", "ordered_at"]])
    falls_silent = (truth["rate"] == 0) & ~pd.MultiIndex.from_frame(truth[["customer_id", "begin"]]).isin(instant)
    met = placed.value_counts().reindex(truth.index, fill_value=0) + falls_silent.shift(-1, fill_value=False)
    return truth.assign(met=met, expected=truth["rate"] * passed)[truth["rate"] > 0]


@pytest.mark.parametrize("demand", [{}, {"wave": 0.5, "christmas": 2.0, "promotion_every": 8, "promotion_lift": 1.0}])
def test_needs_come_at_the_true_rate(demand: dict[str, float]) -> None:
    """Random needs: counts less the integral of the rate are a martingale of mean 0 and that integral as variance."""
    seen = events(varied(regularity=1.0, **demand)).groupby("stage")[["met", "expected"]].sum()
    assert (seen["expected"] > 300).all()
    z = (seen["met"] - seen["expected"]) / np.sqrt(seen["expected"])
    assert (z.abs() < 4).all(), seen


def test_a_wrong_rate_would_be_noticed() -> None:
    made = varied(regularity=1.0)
    made.truth["rate"] *= 1.1
    seen = events(made)[["met", "expected"]].sum()
    assert abs(seen["met"] - seen["expected"]) > 4 * np.sqrt(seen["expected"])


def test_regular_customers_are_regular() -> None:
    def spread(made: Simulated) -> float:
        stable = made.truth[(made.truth["stage"] == "stable") & (made.truth["end"] - made.truth["begin"] > "300D")]
        inside = bought(made).drop_duplicates("order_id").merge(stable, on="customer_id")
        inside = inside[inside["ordered_at"].between(inside["begin"], inside["end"])]
        gaps = inside.groupby("customer_id")["ordered_at"].diff().dt.total_seconds()
        own = gaps.groupby(inside["customer_id"])
        return float((own.std() / own.mean()).median())

    assert spread(varied(regularity=25.0)) == pytest.approx(1 / 5, rel=0.2)
    assert spread(varied(regularity=2.5)) == pytest.approx(1 / np.sqrt(2.5), rel=0.2)


def test_test_orders_are_small_and_stable_ones_the_largest(plain: Simulated) -> None:
    value = bought(plain).groupby(["customer_id", "ordered_at"])["amount"].sum().rename("value").reset_index()
    at = pd.merge_asof(value.sort_values("ordered_at"), plain.truth.sort_values("begin"), left_on="ordered_at",
                       right_on="begin", by="customer_id")  # fmt: skip
    mean = at.groupby("stage")["value"].mean()
    assert mean["examination"] < 0.85 * mean["formative"]
    assert mean["formative"] < mean["stable"]
    rate = plain.truth[plain.truth["rate"] > 0].groupby("stage")["rate"].mean()
    assert rate["examination"] < rate["formative"] < rate["stable"]
    assert rate["regression"] < rate["stable"]


def test_the_shop_looks_like_real_ones(plain: Simulated) -> None:
    """Ranges: CDNOW, Online Retail II and the grocery of BTYDplus."""
    days = bought(plain)[["customer_id"]].assign(day=bought(plain)["ordered_at"].dt.floor("D")).drop_duplicates()
    number = days.groupby("customer_id").size()
    gap = days.groupby("customer_id")["day"].diff().dt.days
    assert 0.48 < (number > 1).mean() < 0.68
    assert 0.2 < (number >= 4).mean() < 0.45
    assert 20 < gap.median() < 40
    last = plain.truth.groupby("customer_id").last()
    assert 0.45 < (last["stage"] == "regression").mean() < 0.85


def test_promotions_are_cheap_and_busy() -> None:
    made = varied(promotion_every=8, promotion_lift=1.0, promotion_discount=0.2)
    week, counts = promoted(made.scenario) > 0, orders_a_day(made)
    later = np.arange(made.scenario.days) > 300
    assert counts[week & later].mean() / counts[~week & later].mean() == pytest.approx(2, rel=0.12)
    lines = bought(made)
    share = lines["discount"] / (lines["quantity"] * lines["unit_price"])
    inside = week[day_of(made)]
    assert share[inside].mean() == pytest.approx(0.2, abs=0.01)
    assert share[~inside].mean() < 0.05


def test_prices_rise_for_every_product_and_some_turn_away() -> None:
    made, calm = varied(shock_week=60, price_rise=0.25, shock_leaves=0.3), varied()
    later = day_of(made) >= 420
    price = bought(made).groupby([later, "product_id"])["unit_price"].mean().unstack(0).dropna()
    np.testing.assert_allclose(price[True] / price[False], 1.25, atol=0.01)

    def regressed(shop: Simulated) -> int:
        new = shop.truth["stage"].ne(shop.truth["stage"].shift()) & (shop.truth["stage"] == "regression")
        weeks = (shop.truth["begin"][new] - pd.Timestamp(shop.scenario.begins)).dt.days // 7
        return int(weeks.between(60, 68).sum())

    assert regressed(made) > 1.3 * regressed(calm)


def test_a_recall_sends_goods_back() -> None:
    made = varied(shock_week=60, recalled=0.5)
    back = made.orders[made.orders["is_return"]]
    weeks = (back["ordered_at"] - pd.Timestamp(made.scenario.begins)).dt.days // 7
    assert weeks.between(60, 63).sum() > 5 * weeks.between(50, 53).sum()


def test_christmas_and_the_wave_are_seen() -> None:
    made = varied(christmas=2.0)
    month = bought(made).drop_duplicates("order_id")["ordered_at"].dt.month.value_counts()
    assert month[12] > 2 * month[9]
    waved = bought(varied(wave=0.6))["ordered_at"].dt.month.value_counts()
    assert waved[11] > 2 * waved[5]


def test_growth_is_in_the_newcomers() -> None:
    first = varied(growth=3.0).truth.groupby("customer_id")["begin"].min().dt.year.value_counts()
    assert first[2023] / first[2022] == pytest.approx(3, rel=0.15)
    assert first[2024] / first[2023] == pytest.approx(3, rel=0.15)


def test_businesses_buy_often_and_much_and_never_at_weekends() -> None:
    made = varied(business=0.3)
    who = made.truth.groupby("customer_id")["business"].first()
    lines = bought(made).assign(business=bought(made)["customer_id"].map(who))
    once = lines.groupby(["business", "order_id"])[["amount"]].sum()["amount"].groupby("business").mean()
    assert once[True] > 4 * once[False]
    assert (lines.loc[lines["business"], "ordered_at"].dt.day_of_week < 5).all()
    assert (lines.loc[~lines["business"], "ordered_at"].dt.day_of_week >= 5).any()
    placed = lines.drop_duplicates("order_id").groupby("business").size() / who.value_counts()
    assert placed[True] > 2 * placed[False]


def test_hours_follow_the_opening_pattern(plain: Simulated) -> None:
    hour = bought(plain).drop_duplicates("order_id")["ordered_at"].dt.hour.value_counts()
    assert hour[20] > 10 * hour[3]
