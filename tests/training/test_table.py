"""The training table: the same features as at scoring, labels beside them, two tables in one."""

from dataclasses import fields

import numpy as np
import pandas as pd

from features.config import FeatureConfig
from features.history import History
from features.table import build_features
from training.table import Table
from training.train import Trained


def test_features_are_those_of_the_orders_before_each_cutoff_bit_for_bit(
    orders: pd.DataFrame, history: History, trained: Trained, judged_on: Table
) -> None:
    names = list(judged_on.features.columns)
    for cutoff in trained.judged.judge:
        known = History.of(orders[orders["ordered_at"] < pd.Timestamp(np.datetime64(cutoff, "D"))])
        alone = build_features(known, [cutoff], trained.model.spec, FeatureConfig())
        rows = judged_on.snapshots.cutoff == cutoff

        assert alone["customer_id"].tolist() == history.customers[judged_on.snapshots.customer[rows]].tolist()
        pd.testing.assert_frame_equal(judged_on.features[rows].reset_index(drop=True), alone[names], check_exact=True)


def test_facts_are_the_features_of_the_same_meaning(judged_on: Table) -> None:
    same = {
        "recency": "recency",
        "tenure": "tenure",
        "order_days": "order_days_ever",
        "order_day_value": "order_day_value_ever",
        "usual_spend": "net_spend_26w",
    }
    for fact, feature in same.items():
        np.testing.assert_array_equal(judged_on.facts[fact], judged_on.features[feature], err_msg=fact)


def test_a_stack_holds_the_rows_of_both(fitted_on: Table, judged_on: Table) -> None:
    both, first = fitted_on.stack(judged_on), len(fitted_on)

    assert len(both) == first + len(judged_on)
    for part in ("snapshots", "now", "labels"):
        for field in fields(getattr(both, part)):
            whole, one, two = (getattr(getattr(table, part), field.name) for table in (both, fitted_on, judged_on))
            np.testing.assert_array_equal(whole[:first], one, err_msg=f"{part}.{field.name}")
            np.testing.assert_array_equal(whole[first:], two, err_msg=f"{part}.{field.name}")
    for part in ("features", "facts"):
        pd.testing.assert_frame_equal(getattr(both, part).iloc[first:].reset_index(drop=True), getattr(judged_on, part))
    assert (both.reached_formative == (both.now.reached >= 1)).all()
