"""The stage table: where every known customer stands at a cut-off."""

import numpy as np
import pandas as pd

from features.clock import stamps, to_date
from features.history import History
from features.past import Past, Snapshots
from features.stages.moves import STAGES, SUB_STATES
from features.stages.spec import StageSpec


def stage_table(history: History, cutoff: int, spec: StageSpec) -> pd.DataFrame:
    """Stage of each customer known at a cut-off, sorted by customer.

    Returns:
        `customer_id`, `as_of`, `stage`, `stage_since`, `sub_state` (in
        regression: slipping, silent, lost), `order_days` so far,
        `last_order_day`, `cadence` (days), `silence` (over the customer's own
        limit), `level` and `peak` (a week), `recoveries`, `spec_hash`.
    """
    snapshots = Snapshots.of(history, [cutoff])
    past = Past(history, snapshots, spec)
    state = past.stages
    return pd.DataFrame(
        {
            "customer_id": history.customers[snapshots.customer],
            "as_of": pd.Timestamp(to_date(cutoff)),
            "stage": np.asarray(STAGES, dtype=object)[state.stage],
            "stage_since": stamps(state.since),
            "sub_state": np.asarray(SUB_STATES, dtype=object)[state.sub_state],
            "order_days": past.exact("order_day"),
            "last_order_day": stamps(past.last_order_day),
            "cadence": state.cadence,
            "silence": state.silence,
            "level": state.level,
            "peak": state.peak,
            "recoveries": state.recoveries,
            "spec_hash": spec.hash,
        }
    )
