"""What training itself could leak: a definition fitted on the time it is judged on, outcomes among the features."""

import leak_shop
import numpy as np
import pandas as pd
import pytest
from histories import spec_for
from leak_zoo import Leak, Orders, before, must_be_caught, must_pass

from features.clock import Clock, to_day
from features.config import StageConfig
from features.errors import DataError, LeakError
from features.feature import Feature
from features.fixed import Floats
from features.history import History
from features.laws import assert_point_in_time
from features.past import Past, Snapshots
from features.stage_table import stage_table
from features.stages.fit import fit_spec
from training.config import TrainingConfig
from training.labels import label
from training.splits import split

# the stage definition is fitted on everything, also on the time it is judged on


def stages(orders: Orders, cutoff: pd.Timestamp, fitted_before: int) -> pd.DataFrame:
    history, day = History.of(orders.assign(is_return=False)), to_day(cutoff.date())
    spec = fit_spec(history, fitted_before, 28, StageConfig(), Clock())
    return stage_table(history, day, spec).set_index("customer_id")[["silence", "stage"]]


def stages_of_a_spec_fitted_on_everything(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return stages(orders, cutoff, to_day(orders["ordered_at"].max().date()) + 1)


def stages_of_a_spec_fitted_before(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return stages(orders, cutoff, to_day(cutoff.date()))


# the outcome is among the features: the wait that is still running is measured to the next order


def last_gap(orders: Orders, cutoff: pd.Timestamp, step: int) -> pd.DataFrame:
    orders = orders.sort_values(["ordered_at", "order_id"])
    gap = orders.groupby("customer_id")["ordered_at"].diff(step).abs().dt.days
    return before(orders.assign(gap=gap), cutoff).groupby("customer_id").agg(n=("gap", "size"), gap=("gap", last))


def last(column: pd.Series) -> float:
    return float(column.iloc[-1])


def gap_to_the_next_order(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return last_gap(orders, cutoff, -1)


def gap_to_the_order_before(orders: Orders, cutoff: pd.Timestamp) -> pd.DataFrame:
    return last_gap(orders, cutoff, 1)


ZOO = [
    Leak(stages_of_a_spec_fitted_on_everything, stages_of_a_spec_fitted_before, "silence", shop=True),
    Leak(gap_to_the_next_order, gap_to_the_order_before, "gap"),
]


@pytest.mark.parametrize("leak", ZOO, ids=str)
def test_the_leak_is_caught(leak: Leak) -> None:
    must_be_caught(leak, leak_shop.purchases())


@pytest.mark.parametrize("leak", ZOO, ids=str)
def test_its_clean_twin_passes(leak: Leak) -> None:
    must_pass(leak, leak_shop.purchases())


def spend_next_period(past: Past) -> Floats:
    """What a label is, sold as a feature: it goes round the door to the past."""
    history, net = past._history, past._history.totals("net")
    now, then = (history.before(past._snapshots.customer, past.cutoff + days) for days in (0, 28))
    return np.asarray(net[then] - net[now], dtype=np.float64)


def test_a_label_among_the_features_is_caught() -> None:
    leak = Feature("spend_next_period", "net spend of the period to come", "money", spend_next_period)
    with pytest.raises(LeakError, match="'spend_next_period' breaks the law 'no future'"):
        assert_point_in_time(leak, leak_shop.purchases(), ["2021-03-01", "2021-06-07"])


def test_an_outcome_that_is_not_known_yet_is_refused() -> None:
    orders = leak_shop.purchases().assign(is_return=False)
    history, cutoff = History.of(orders), to_day(pd.Timestamp("2021-06-07").date())
    snapshots, spec = Snapshots.of(history, [cutoff]), spec_for(orders)
    with pytest.raises(DataError, match="not finished"):
        label(history, snapshots, spec, end=cutoff + 27)
    assert len(label(history, snapshots, spec, end=cutoff + 28).ordered) == len(snapshots)


@pytest.mark.parametrize("days", [200, 365, 730])
def test_no_outcome_of_one_part_lies_in_another(days: int) -> None:
    parts = split(0, days, 28, TrainingConfig())
    assert max(parts.fit) + 28 <= min(parts.calibrate)
    assert max(parts.calibrate) + 28 <= min(parts.judge)
    assert max(parts.judge) + 28 <= days
