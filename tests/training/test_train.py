"""Training looks at nothing from its cut-off on, and its label windows end with the orders."""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd
import pytest

from features.config import FeatureConfig
from features.errors import DataError, UsageError
from features.families import all_features
from features.history import History
from features.history.since import OPTIONAL
from training.config import Recipe, TrainingConfig
from training.log import Log
from training.train import Trained, train


def quietly(orders: pd.DataFrame, as_of: int, recipe: Recipe) -> Trained:
    return train(Log.of(History.of(orders)), as_of, recipe, lambda _: None)


def texts(trained: Trained) -> tuple[object, ...]:
    model = trained.model
    return model.boosters, model.calibration, model.contract, model.spec, model.typical, trained.judgement.headline()


def strangers(day: int) -> pd.DataFrame:
    """Orders from a day on: by old customers and by new ones whose ids sort before, among and after the old."""
    start = np.datetime64(day, "D").astype("datetime64[us]")
    rng = np.random.default_rng(0)
    names = [*(f"client-{k:04}" for k in range(0, 300, 3)), *(f"client-{k:04}b" for k in range(99)), "a", "zz"]
    return pd.DataFrame(
        {
            "customer_id": names,
            "ordered_at": start + rng.integers(0, 60 * 24, len(names)).astype("timedelta64[h]"),
            "product_id": "a new product",
            "quantity": 1.0,
            "unit_price": 1000.0,
            "is_return": False,
            "amount": 1000.0,
        }
    )


def test_orders_from_the_cutoff_on_change_not_a_byte(
    orders: pd.DataFrame, as_of: int, recipe: Recipe, trained: Trained
) -> None:
    whole = quietly(pd.concat([orders, strangers(as_of)], ignore_index=True), as_of, recipe)

    assert texts(whole) == texts(trained)


@pytest.mark.slow
def test_nor_do_they_change_who_is_sampled(orders: pd.DataFrame, as_of: int, changed: Callable[..., Recipe]) -> None:
    recipe = changed(fit_rows=300)
    alone = quietly(orders, as_of, recipe)
    whole = quietly(pd.concat([orders, strangers(as_of)], ignore_index=True), as_of, recipe)

    assert 200 < alone.rows < 400
    assert texts(whole) == texts(alone)


@pytest.mark.slow
def test_orders_that_end_early_end_the_label_windows(
    orders: pd.DataFrame, as_of: int, recipe: Recipe, trained: Trained
) -> None:
    long_after = quietly(orders, as_of + 7 * 30, recipe)

    assert long_after.end == as_of == trained.end  # the last order was on the Sunday before
    assert texts(long_after) == texts(trained)


@pytest.fixture(scope="module")
def cut_short(orders: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """Orders that end in the middle of a week."""
    return orders[orders["ordered_at"] < pd.Timestamp(np.datetime64(as_of - 17, "D"))]


@pytest.fixture(scope="module")
def of_cut_short(cut_short: pd.DataFrame, as_of: int, recipe: Recipe) -> tuple[Trained, list[str]]:
    """What is learnt from these, and the steps that were told on the way."""
    told = list[str]()
    return train(Log.of(History.of(cut_short)), as_of, recipe, told.append), told


def test_windows_end_with_the_last_whole_week_and_each_step_is_told(
    of_cut_short: tuple[Trained, list[str]], as_of: int
) -> None:
    found, told = of_cut_short

    assert found.end == as_of - 21
    assert found.judged.judge[-1] + 28 == found.shipped.calibrate[-1] + 28 == found.end
    assert told.count("build the training table") == 2
    assert {"fit regression", "fit order", "calibrate", "judge beside the baselines"} <= set(told)


@pytest.mark.slow
def test_windows_end_with_the_orders_also_where_there_are_later_ones(
    cut_short: pd.DataFrame, of_cut_short: tuple[Trained, list[str]], as_of: int, recipe: Recipe
) -> None:
    found = quietly(pd.concat([cut_short, strangers(as_of)], ignore_index=True), as_of, recipe)

    alone, _ = of_cut_short
    assert found.end == alone.end
    assert texts(found) == texts(alone)


@pytest.mark.slow
def test_the_order_of_the_lines_changes_nothing(
    orders: pd.DataFrame, as_of: int, recipe: Recipe, trained: Trained
) -> None:
    shuffled = orders.sample(frac=1, random_state=1).reset_index(drop=True)

    assert texts(quietly(shuffled, as_of, recipe)) == texts(trained)


def test_the_shipped_model_is_fitted_on_newer_cutoffs_than_the_judged_one(trained: Trained, recipe: Recipe) -> None:
    assert trained.shipped.judge == []
    assert trained.shipped.fit[-1] == trained.judged.fit[-1] + 28 * recipe.training.judge_cutoffs
    assert trained.shipped.calibrate[-1] + 28 == trained.end


def test_the_stage_spec_is_older_than_all_that_judges(trained: Trained) -> None:
    day = int(np.datetime64(trained.model.spec.fitted_before, "D").astype(int))
    assert day == trained.judged.calibrate[0] < trained.judged.judge[0]


def test_no_orders_before_the_cutoff(orders: pd.DataFrame, recipe: Recipe, history: History) -> None:
    with pytest.raises(DataError, match="too short"):
        quietly(orders, history.first_day - 7, recipe)


@pytest.mark.parametrize("pattern", ["stage_*", "highest_*", "*"])
def test_the_stage_now_cannot_be_left_out(
    orders: pd.DataFrame, as_of: int, changed: Callable[..., Recipe], pattern: str
) -> None:
    with pytest.raises(UsageError, match="patterns that match none of stage_code, highest_stage"):
        quietly(orders, as_of, changed(leave_out=(pattern,)))


@pytest.mark.parametrize("pattern", TrainingConfig().leave_out)
def test_what_is_left_out_by_default_is_there(pattern: str) -> None:
    assert any(fnmatchcase(f.name, pattern) for f in all_features(FeatureConfig().windows, frozenset(OPTIONAL)))


@pytest.mark.slow
def test_baselines_do_not_need_what_the_model_may_learn_from(
    orders: pd.DataFrame, as_of: int, changed: Callable[..., Recipe], trained: Trained
) -> None:
    left_out = ("recency", "tenure", "order_days_*", "order_day_value_*", "net_spend_*")
    found = quietly(orders, as_of, replace(changed(leave_out=left_out), features=FeatureConfig(windows=(4, 8))))
    mine = found.judgement.scores.set_index(["target", "predictor"])
    usual = trained.judgement.scores.set_index(["target", "predictor"])

    assert "recency" not in found.model.contract.features
    baselines = usual.index[usual.index.get_level_values("predictor") != "stagecast"]
    pd.testing.assert_frame_equal(mine.loc[baselines], usual.loc[baselines])


@pytest.mark.slow
def test_orders_without_money(orders: pd.DataFrame, as_of: int, recipe: Recipe) -> None:
    found = quietly(orders[["customer_id", "ordered_at", "is_return"]], as_of, recipe)

    assert set(found.model.boosters) == {"regression", "otherwise", "order"}
    assert not any("spend" in name for name in found.judgement.headline())
    assert np.isnan(found.judgement.forecast.expected_spend).all()


@pytest.mark.slow
def test_orders_that_cost_nothing_teach_no_spend(orders: pd.DataFrame, as_of: int, recipe: Recipe) -> None:
    found = quietly(orders.assign(amount=0.0, unit_price=0.0), as_of, recipe)

    assert "spend" not in found.model.boosters
