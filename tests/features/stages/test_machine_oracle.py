"""The compiled stage machine against a slow one in plain Python, at every tick."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import stage_oracle
from histories import REAL_SHOPS, bare_orders, order_sets, some_spec, spec_for
from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import Clock
from features.config import StageConfig
from features.history import History
from features.past import Snapshots
from features.stages.fit import fit_spec
from features.stages.machine import run_stages
from features.stages.spec import StageSpec

WHOLE = ["stage", "sub_state", "since", "recoveries", "reached"]
REAL = ["cadence", "silence", "level", "peak"]


def compare(orders: pd.DataFrame, spec: StageSpec, only: set[str] | None = None) -> pd.DataFrame:
    history = History.of(orders)
    clock = Clock(spec.week_starts)
    cutoffs = list(range(clock.after(history.first_day), clock.after(history.last_day) + 8 * 7, 7))
    snapshots = Snapshots.of(history, cutoffs)
    if only is not None:
        snapshots = snapshots.only(np.flatnonzero(np.isin(history.customers, list(only))))
    state = run_stages(history, spec, snapshots.customer, snapshots.cutoff)
    got = pd.DataFrame(
        {"customer_id": history.customers[snapshots.customer], "cutoff": snapshots.cutoff, **vars(state)}
    )
    want = stage_oracle.stage_table(orders, spec, cutoffs[-1], only)
    assert got[["customer_id", "cutoff"]].to_numpy().tolist() == want[["customer_id", "cutoff"]].to_numpy().tolist()
    for name in WHOLE:
        wrong = np.flatnonzero(got[name].to_numpy() != want[name].to_numpy())
        assert len(wrong) == 0, f"{name}\n{got.iloc[wrong[:3]]}\n{want.iloc[wrong[:3]]}"
    for name in REAL:
        np.testing.assert_allclose(got[name], want[name].astype(float), rtol=1e-9, atol=2e-6, err_msg=name)
    return got


@given(order_sets(), st.sampled_from([7, 14, 28, 56]), st.sampled_from(["mon", "thu", "sun"]), st.sampled_from([1, 3]))
@settings(max_examples=60)
def test_random_histories(orders: pd.DataFrame, hold_days: int, week_starts: str, slow: float) -> None:
    spec = some_spec(spec_for(orders).level_measure, hold_days, week_starts)
    compare(orders, spec.model_copy(update={"typical_gap": tuple(gap * slow for gap in spec.typical_gap)}))


def test_every_stage_and_state_is_met_on_a_real_shop(cdnow_few: pd.DataFrame) -> None:
    got = compare(cdnow_few, some_spec())
    assert set(got["stage"]) == {0, 1, 2, 3}
    assert set(got["sub_state"]) == {0, 1, 2, 3}
    assert got["recoveries"].max() >= 2


@pytest.mark.slow
@pytest.mark.parametrize(("name", "hold_days"), REAL_SHOPS)
def test_real_shops(shared_data: Callable[[str], Path], name: str, hold_days: int) -> None:
    orders = bare_orders(shared_data(name))
    history, clock = History.of(orders), Clock()
    spec = fit_spec(history, clock.floor(history.last_day), hold_days, StageConfig(), clock)
    few = np.random.default_rng(2).choice(history.customers, 1000, replace=False)
    compare(orders, spec, set(few))
