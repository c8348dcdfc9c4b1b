"""What benchmarks of tuning may see ends before the first cut-off on which accuracy is reported."""

import runpy
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.clock import Clock, parse_period, to_date, to_day

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
ENDS = runpy.run_path(str(BENCHMARKS / "tuning" / "shop.py"))["ENDS"]
SETS = runpy.run_path(str(BENCHMARKS / "accuracy" / "sets.py"), run_name="sets")["SETS"]


@pytest.mark.parametrize("one", [one for one in SETS if not one.unpredictable], ids=lambda one: one.title)
def test_nothing_that_is_reported_is_tuned_on(one: Any, shared_data: Callable[[str], Path]) -> None:
    orders = pd.read_parquet(shared_data(one.file), columns=["ordered_at"])["ordered_at"]
    known, period = to_day(orders.max().date()) + 1, parse_period(one.period)
    newest = to_date(Clock().floor(known - period))
    assert date.fromisoformat(ENDS[one.file]) <= newest - timedelta(days=period * (one.cutoffs - 1))
