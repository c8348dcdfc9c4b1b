"""What every score table promises, on real orders, and what moves it and what does not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from trained_shop import AS_OF, Shop

import stagecast
from features.clock import to_day
from features.contract import FeatureContract
from features.errors import DataError, ModelError, UsageError
from features.history import History
from features.model.forecast import P_STAGES, Model
from features.past import Past, Snapshots
from features.stages.moves import STAGES, legal_moves
from features.table import build_features
from serving.checks import check_scores
from serving.config import ServingConfig
from serving.contract import COLUMNS, SCHEMA
from serving.pyfunc import FORECAST, forecast_frame
from serving.score import score, try_out
from serving.value import ValueConfig

DAY = to_day(pd.Timestamp(AS_OF).date())
CONFIG = ServingConfig(threads=1)


@pytest.fixture(scope="module")
def clean(shop: Shop) -> pd.DataFrame:
    return stagecast.check(shop.frame).orders


@pytest.fixture(scope="module")
def past(shop: Shop, clean: pd.DataFrame) -> Past:
    history = History.of(clean)
    return Past(history, Snapshots.of(history, [DAY]), shop.registered.model.spec)


def rescored(shop: Shop, orders: pd.DataFrame, as_of: str = AS_OF) -> pd.DataFrame:
    return score(orders, as_of, shop.registered, CONFIG).drop(columns="scored_at")


def with_model(shop: Shop, model: Model) -> Shop:
    return replace(shop, registered=replace(shop.registered, model=model))


def test_columns_are_those_of_the_contract_and_fit_its_types(scores: pd.DataFrame) -> None:
    assert list(scores) == list(COLUMNS) == SCHEMA.names
    table = pa.Table.from_pandas(scores, schema=SCHEMA, preserve_index=False)
    assert {name: table[name].null_count for name in SCHEMA.names if table[name].null_count} == {}


def test_one_row_for_each_known_customer_and_no_other(shop: Shop, scores: pd.DataFrame) -> None:
    before = shop.frame.query("ordered_at < @AS_OF")
    assert list(scores["customer_id"]) == sorted(before["customer_id"].unique())
    assert set(scores["as_of"]) == {AS_OF}


def test_probabilities_are_probabilities_and_sum_to_one(scores: pd.DataFrame) -> None:
    p = scores[[*P_STAGES, "p_order"]].to_numpy()
    assert ((p >= 0) & (p <= 1)).all()
    assert np.abs(p[:, :4].sum(axis=1) - 1).max() <= 1e-9
    assert (scores["next_stage"] == np.asarray(STAGES)[p[:, :4].argmax(axis=1)]).all()


def test_moves_the_definition_forbids_have_probability_zero(scores: pd.DataFrame, past: Past) -> None:
    legal = legal_moves(past.stages.stage, past.stages.reached >= 1)
    p = scores[list(P_STAGES)].to_numpy()
    assert (p[~legal] == 0).all()
    assert (p[legal] > 0).all()
    assert set(scores["stage"]) == set(STAGES)


def test_the_risk_is_the_models_own(shop: Shop, clean: pd.DataFrame, scores: pd.DataFrame) -> None:
    model = shop.registered.model
    features = build_features(History.of(clean), [DAY], model.spec, stagecast.Config().features)
    assert (scores["p_regression"].to_numpy() == model.p_regression(features, 1)).all()


def test_stage_and_its_beginning_are_those_of_the_stage_table(shop: Shop, scores: pd.DataFrame) -> None:
    table = stagecast.stages(shop.frame, AS_OF, shop.config, shop.registered.model.spec)
    pd.testing.assert_frame_equal(
        scores[["customer_id", "stage", "stage_since"]], table[["customer_id", "stage", "stage_since"]]
    )


def test_without_figures_of_the_shop_value_is_spend(scores: pd.DataFrame) -> None:
    np.testing.assert_array_equal(scores["value_52w"], scores["expected_spend_52w"])
    assert (scores["value_52w"] >= scores["expected_spend"]).all()


def test_the_shops_own_figures_make_value_of_spend(shop: Shop, clean: pd.DataFrame, scores: pd.DataFrame) -> None:
    config = ServingConfig(
        threads=1, reasons=0, value=ValueConfig(margin=0.4, cost_per_order=2, cost_feature="recency")
    )
    mine = score(clean, AS_OF, shop.registered, config)
    earned = 0.4 * scores["expected_spend_52w"] - 2 * scores["expected_orders_52w"]
    np.testing.assert_allclose(mine["value_52w"], earned - (DAY - last_day(clean)), rtol=1e-9)
    assert (mine["value_at_risk"] <= scores["value_at_risk"]).all()
    assert mine["expected_spend_52w"].equals(scores["expected_spend_52w"])


def last_day(clean: pd.DataFrame) -> np.ndarray:
    """Of each customer known at the cut-off, in order of their ids."""
    last = clean[(clean["ordered_at"] < AS_OF) & ~clean["is_return"]].groupby("customer_id")["ordered_at"].max()
    return last.to_numpy("datetime64[D]").astype(np.int64)


def test_value_at_risk_is_what_ruling_regression_out_would_bring(shop: Shop, scores: pd.DataFrame) -> None:
    """With V for who does not regress and kept V for who does, and p to regress, the mean is the expected value."""
    money = shop.registered.model.calibration.money
    assert money is not None
    assert money.year is not None
    without = scores["value_52w"] + scores["value_at_risk"]
    p = scores["p_regression"]
    np.testing.assert_allclose(without * (1 - p) + money.year.kept * without * p, scores["value_52w"], rtol=1e-9)


def test_intervals_are_intervals(scores: pd.DataFrame) -> None:
    for name in ("expected_spend", "expected_spend_52w"):
        assert (scores[f"{name}_low"] <= scores[f"{name}_high"]).all()
    assert (scores["expected_spend_52w_high"] > 0).mean() > (scores["expected_spend_high"] > 0).mean()


def test_without_money_spend_and_value_are_null(moneyless: Shop) -> None:
    scores = stagecast.score(moneyless.frame, AS_OF, config=moneyless.config, model=moneyless.registered).table
    table = pa.Table.from_pandas(scores, schema=SCHEMA)
    nulls = {name: table[name].null_count for name in SCHEMA.names if table[name].null_count}
    money = [name for name in COLUMNS if "spend" in name or "value" in name]
    assert nulls == dict.fromkeys(money, len(table))
    assert len(money) == 8


def test_a_model_without_money_scores_orders_with_money_too(moneyless: Shop, clean: pd.DataFrame) -> None:
    """What the model does not ask for changes none of its probabilities."""
    bare = rescored(moneyless, clean[["customer_id", "ordered_at", "is_return"]])
    rich = rescored(moneyless, clean.drop(columns="order_id"))
    pd.testing.assert_frame_equal(bare[[*P_STAGES, "p_order"]], rich[[*P_STAGES, "p_order"]], check_exact=True)


def test_the_future_changes_nothing(shop: Shop, clean: pd.DataFrame) -> None:
    full = rescored(shop, clean)
    cut = rescored(shop, clean[clean["ordered_at"] < AS_OF])
    flood = clean.assign(ordered_at=pd.Timestamp(AS_OF), amount=1e6)
    flooded = rescored(shop, pd.concat([clean, flood], ignore_index=True))
    pd.testing.assert_frame_equal(full, cut, check_exact=True)
    pd.testing.assert_frame_equal(full, flooded, check_exact=True)


def test_the_last_instant_before_the_cut_off_does_count(shop: Shop, clean: pd.DataFrame) -> None:
    late = clean.iloc[[0]].assign(ordered_at=pd.Timestamp(AS_OF) - pd.Timedelta("1us"), customer_id="newcomer")
    table = rescored(shop, pd.concat([clean, late], ignore_index=True))
    assert table["customer_id"].iloc[-1] == "newcomer"


def test_the_order_of_the_rows_changes_nothing(shop: Shop, clean: pd.DataFrame) -> None:
    shuffled = clean.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(rescored(shop, clean), rescored(shop, shuffled), check_exact=True)


def test_orders_are_left_as_they_were(shop: Shop, clean: pd.DataFrame) -> None:
    before = clean.copy(deep=True)
    rescored(shop, clean)
    pd.testing.assert_frame_equal(clean, before)


def test_orders_that_lack_a_column_of_the_training_are_refused_with_both_sides(shop: Shop, clean: pd.DataFrame) -> None:
    for missing in ("amount", "quantity"):
        with pytest.raises(DataError, match=f"learnt from: {missing}") as error:
            rescored(shop, clean.drop(columns=missing))
        assert missing not in str(error.value.got)
        assert missing in str(error.value.allowed)


@pytest.mark.parametrize(("part", "theirs", "ours"), [("version", 2, 1), ("stages", ("new", "old"), STAGES)])
def test_a_contract_of_another_kind_is_refused_with_both_sides(
    shop: Shop, clean: pd.DataFrame, part: str, theirs: Any, ours: Any
) -> None:
    model = shop.registered.model
    other = replace(model, contract=FeatureContract.model_validate(model.contract.model_dump() | {part: theirs}))
    with pytest.raises(ModelError, match=f"agree on '{part}'") as error:
        rescored(with_model(shop, other), clean)
    for side, shown in ((theirs, error.value.allowed), (ours, error.value.got)):
        assert str(side[0] if isinstance(side, tuple) else side) in str(shown)


def test_a_feature_this_version_does_not_know_is_refused(shop: Shop, clean: pd.DataFrame) -> None:
    model = shop.registered.model
    names = ("moon_phase", *model.contract.features)
    other = replace(model, contract=model.contract.model_copy(update={"features": names}))
    with pytest.raises(ModelError, match="moon_phase"):
        rescored(with_model(shop, other), clean)


def test_a_date_that_is_no_tick_names_the_two_nearest(shop: Shop, clean: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="1998-03-02 or 1998-03-09"):
        rescored(shop, clean, "1998-03-04")


def test_a_cut_off_before_all_orders_is_refused_and_says_when_they_begin(shop: Shop, clean: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="1997-01-0"):
        rescored(shop, clean, "1996-12-30")


def test_customers_who_only_ever_gave_back_are_not_known(shop: Shop, clean: pd.DataFrame) -> None:
    with pytest.raises(DataError, match="no customer is known"):
        rescored(shop, clean.head(20).assign(amount=-5.0, quantity=-1.0, is_return=True))


def test_long_after_all_orders_everybody_stands_in_regression(shop: Shop, clean: pd.DataFrame) -> None:
    table = rescored(shop, clean, "2008-03-03")
    assert set(table["stage"]) == {"regression"}
    assert len(table) == clean["customer_id"].nunique()
    assert (table["expected_spend_52w_high"] == 0).all()


def test_one_customer_with_one_order_can_be_scored(shop: Shop, clean: pd.DataFrame) -> None:
    (row,) = rescored(shop, clean.head(1)).to_dict("records")
    assert row["customer_id"] == clean["customer_id"].iloc[0]


def test_a_customer_is_scored_alike_in_any_company(shop: Shop, clean: pd.DataFrame) -> None:
    """A partition of customers gives the rows that the whole gives, as far as no feature looks at the whole shop."""
    few = sorted(clean["customer_id"].unique())[:50]
    alone = rescored(shop, clean[clean["customer_id"].isin(few)])
    together = rescored(shop, clean).query("customer_id in @few").reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, together, check_exact=True)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda t: t.iloc[1:], "missing or doubled"),
        (lambda t: pd.concat([t.iloc[:-1], t.iloc[:1]]), "missing or doubled"),
        (lambda t: t.assign(p_order=1.5), r"not in \[0, 1\]"),
        (lambda t: t.assign(p_stable=np.nan), r"not in \[0, 1\]"),
        (lambda t: t.assign(p_regression=t["p_regression"] * 0.999), "do not sum to 1"),
    ],
)
def test_a_table_that_cannot_be_right_is_refused(
    scores: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame], fault: str
) -> None:
    with pytest.raises(ModelError, match=fault):
        check_scores(change(scores), scores["customer_id"].to_numpy())


def test_a_model_is_tried_out_before_it_is_promoted(shop: Shop) -> None:
    model = shop.registered.model
    try_out(model)
    with pytest.raises(ModelError, match="other features than its contract names"):
        try_out(replace(model, contract=model.contract.model_copy(update={"features": model.contract.features[::-1]})))


def test_the_forecast_has_the_columns_of_the_score_table(shop: Shop) -> None:
    model = shop.registered.model
    features = pd.DataFrame([{name: model.typical.get(name, np.nan) for name in model.contract.features}])
    frame = forecast_frame(model.forecast(features.assign(stage_code=0.0, highest_stage=0.0), threads=1))
    assert list(frame) == [name for name in COLUMNS if name in FORECAST] == list(FORECAST)
