"""Groups of snapshots that are judged apart: by standing, and where the outcome is open."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from features.stages.moves import STAGES, SUB_STATES, Booleans, Stage, SubState
from training.forecasts import Forecasts

ALL = "all"

OPEN = "without the lost"
"""Where the outcome is open: hardly any of the lost comes back, and an old log is full of them."""

ONE_TIME = "one-time buyers"


def groups(forecasts: Forecasts) -> Iterator[tuple[str, Booleans]]:
    """Name and rows of each group that has any, `ALL` first."""
    stage, sub_state = forecasts.stage, forecasts.sub_state
    named = {
        ALL: np.ones(len(forecasts), dtype=bool),
        **{name: stage == code for code, name in enumerate(STAGES)},
        **{SUB_STATES[code]: sub_state == code for code in SubState if code is not SubState.NONE},
        "not in regression": stage != Stage.REGRESSION,
        OPEN: sub_state != SubState.LOST,
        ONE_TIME: forecasts.order_days == 1,
    }
    return ((name, inside) for name, inside in named.items() if inside.any())


def everybody(table: pd.DataFrame) -> pd.DataFrame:
    """Of a table with a row a group, the rows of all snapshots."""
    return table[table["group"] == ALL].drop(columns="group").reset_index(drop=True)
