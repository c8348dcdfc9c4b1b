"""The gate on sources from the command line: a shop's channel that did not deliver holds the week back."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from trained_shop import SETTINGS, Shop

from serving.store import open_store
from stagecast.demo import cdnow

pytestmark = pytest.mark.slow

BEFORE, AS_OF = "1998-03-02", "1998-03-09"


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """CDNOW with a column that no one asked for: which of three channels a line came through."""
    frame = cdnow()
    channel = np.random.default_rng(1).choice(["web", "phone", "fair"], len(frame), p=[0.6, 0.3, 0.1])
    return frame.assign(**{"sold through": channel})


def score(run, shop: Shop, frame: pd.DataFrame, as_of: str, source: str = "sold through"):
    """The week scored with the settings of the shop and a column of sources."""
    Path("s.toml").write_text(SETTINGS + f'source = "{source}"\nhole = "off"\n')
    frame.to_parquet("orders.parquet", index=False)
    return run("score", "orders.parquet", "--as-of", as_of, "--out", "scores", "--config", "s.toml",
               "--tracking-uri", shop.uri, "--summary", "s.json")  # fmt: skip


def test_a_channel_that_did_not_deliver_holds_the_week_back(run, shop: Shop, orders: pd.DataFrame) -> None:
    assert score(run, shop, orders, BEFORE).code == 0
    last = (orders["ordered_at"] >= BEFORE) & (orders["ordered_at"] < AS_OF)
    silent = orders[~(last & (orders["sold through"] == "phone"))]

    held = score(run, shop, silent, AS_OF)

    assert held.code == 4
    assert "source 'phone'" in held.err
    told = json.loads(Path("s.json").read_text())
    assert told["status"] == "held back"
    assert [one["gate"] for one in told["findings"] if one["verdict"] == "stop"] == ["sources"]
    assert open_store("scores").weeks() == [BEFORE]

    whole = score(run, shop, orders, AS_OF)
    assert whole.code == 0, whole.err
    assert open_store("scores").weeks() == [BEFORE, AS_OF]


def test_lines_of_one_channel_that_were_lost_from_the_past_hold_the_week_back(run, shop, orders) -> None:
    assert score(run, shop, orders, BEFORE).code == 0
    lost = orders[~((orders["sold through"] == "fair") & (orders["ordered_at"] < "1997-12-01"))]
    held = score(run, shop, lost, AS_OF)
    assert held.code == 4
    assert "source 'fair'" in held.err


@pytest.mark.parametrize(("source", "said"), [("nowhere", "nowhere"), ("order_id", "that is no source")])
def test_a_column_that_is_no_source_is_refused(run, shop: Shop, orders: pd.DataFrame, source: str, said: str) -> None:
    done = score(run, shop, orders, BEFORE, source)
    assert done.code in (2, 3)
    assert said in done.err
    assert not Path("scores").exists() or open_store("scores").weeks() == []
