"""A day is a day: however the time of an order is written, stages are the same."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from trained_shop import AS_OF, Shop

import stagecast

Write = Callable[[pd.DataFrame], "pd.DataFrame | Path"]


def with_times(times: Callable[[pd.Series], object]) -> Write:
    return lambda orders: orders.assign(ordered_at=times(orders["ordered_at"]))


def late(days: pd.Series) -> pd.Series:
    return days + np.random.default_rng(0).integers(0, 24 * 60 * 60, len(days)).astype("timedelta64[s]")


def as_dates(orders: pd.DataFrame) -> Path:
    table = pa.Table.from_pandas(orders, preserve_index=False)
    days = pa.array(orders["ordered_at"].dt.date, pa.date32())
    pq.write_table(table.set_column(table.schema.get_field_index("ordered_at"), "ordered_at", days), "dates.parquet")
    return Path("dates.parquet")


WAYS: dict[str, Write] = {
    "python dates": with_times(lambda days: days.dt.date),
    "text": with_times(lambda days: days.dt.strftime("%Y-%m-%d")),
    "text with hours": with_times(lambda days: late(days).dt.strftime("%Y-%m-%d %H:%M:%S")),
    "hours": with_times(late),
    "seconds": with_times(lambda days: late(days).astype("datetime64[s]")),
    "milliseconds": with_times(lambda days: late(days).astype("datetime64[ms]")),
    "nanoseconds": with_times(lambda days: late(days).astype("datetime64[ns]")),
    "a file of dates": as_dates,
}


@pytest.mark.parametrize("way", WAYS)
def test_stages_do_not_depend_on_how_a_time_is_written(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = shop.registered.model.spec
    usual = stagecast.stages(shop.frame, AS_OF, spec=spec)
    pd.testing.assert_frame_equal(stagecast.stages(WAYS[way](shop.frame), AS_OF, spec=spec), usual, check_exact=True)
