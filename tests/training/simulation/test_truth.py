"""The truth at a tick is the row that holds then."""

import numpy as np
import pandas as pd

from features.clock import stamps
from features.stages.moves import STAGES
from training.simulation import Simulated
from training.simulation.truth import Truth


def test_rows_at_ticks_agree_with_a_plain_search(made: Simulated) -> None:
    truth = Truth.of(made.truth)
    ticks = np.arange(made.scenario.begin, made.scenario.end, 7)
    for customer in range(0, 400, 57):
        mine = made.truth[made.truth["customer_id"] == truth.customers[customer]]
        begin, end = (mine[side].to_numpy() for side in ("begin", "end"))
        rows = truth.rows_at(np.full(len(ticks), customer), ticks)
        for tick, row in zip(ticks, rows, strict=True):
            moment = stamps(np.array([tick]))[0]
            holds = mine.index[(begin <= moment) & (moment < end)]
            assert list(holds) == ([] if row < 0 else [row])


def test_a_row_holds_from_its_very_beginning_and_no_longer_than_its_end() -> None:
    times = pd.to_datetime(["2024-01-01", "2024-01-08", "2024-01-15"]).astype("datetime64[us]")
    table = pd.DataFrame({"customer_id": ["a", "a"], "stage": STAGES[:2], "begin": times[:2], "end": times[1:]})
    truth = Truth.of(table.assign(rate=0.5))
    day = int(times[0].to_datetime64().astype("datetime64[D]").astype(int))
    asked = np.array([day - 7, day, day + 6, day + 7, day + 13])
    assert truth.rows_at(np.zeros(5, dtype=np.int64), asked).tolist() == [-1, 0, 0, 1, 1]
    assert truth.stage.tolist() == [0, 1]
