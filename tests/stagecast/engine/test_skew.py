"""One customer with a million lines, a partition ten times the others: the same result, within a worker's memory."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from dask_settings import OnDask
from killed_workers import heard

import stagecast
from stagecast.config import Config

WHALE, OTHERS = 1_000_000, 400_000


@pytest.mark.slow
def test_a_customer_with_a_million_lines(on_dask: OnDask, tmp_path: Path) -> None:
    draw, orders = np.random.default_rng(0), tmp_path / "orders.parquet"
    customer = draw.permutation(np.r_[np.zeros(WHALE, np.int64), draw.integers(1, 20_000, OTHERS)])
    lines = pd.DataFrame(
        {
            "customer_id": "c" + pd.Series(customer).astype("str"),
            "ordered_at": np.datetime64("2020-01-01") + draw.integers(0, 31_000_000, len(customer)).astype("m8[s]"),
            "amount": draw.choice([1.0, 2.5, 9.99], len(customer)),
        }
    )
    lines.to_parquet(orders, row_group_size=100_000, index=False)
    config, said, files = Config.model_validate({"features": {"windows": [4, 52], "threads": 1}}), list[str](), []
    for one in (config, on_dask(config)):  # whose workers have 2 GB each
        with heard(said.append):
            stagecast.write_features(str(orders), ["2020-12-28"], tmp_path / "f.parquet", one)
        files.append((tmp_path / "f.parquet").read_bytes())
    assert files[0] == files[1]
    parts = int(said[-1].rpartition(" ")[2])
    assert OTHERS / parts < WHALE / 10
