"""`stagecast promote --orders`: a champion that came later is met anew, on the challenger's own orders."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import mlflow
import pandas as pd
import pytest
from trained_shop import AS_OF, SETTINGS, Shop

import stagecast
from training.metrics import log_losses

pytestmark = pytest.mark.slow

EARLIER = "1998-02-02"
"""The one cut-off that judges a training at `AS_OF`; a training at it knows none of the answers."""

FORCE = ("--force", "--reason", "a test")


@dataclass(frozen=True)
class Rivals:
    """Version 1, one round of two leaves and older; version 2, trained when there was no champion."""

    shop: Shop
    settings: Path

    def promote(self, version: int, *options: object) -> list[object]:
        return ["promote", f"rivals/{version}", "--config", self.settings, "--tracking-uri", self.shop.uri, *options]

    @property
    def client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient(self.shop.uri, self.shop.uri)

    @property
    def champion(self) -> str:
        return str(self.client.get_model_version_by_alias("rivals", "champion").version)


@pytest.fixture(scope="module")
def rivals(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rivals]:
    settings = tmp_path_factory.mktemp("rivals") / "settings.toml"
    text = SETTINGS.replace("[training]", '[training]\nmodel_name = "rivals"', 1).replace("rounds = 12", "rounds = 40")
    settings.write_text(text, encoding="utf-8")
    config = stagecast.Config.load(settings).overridden(tracking_uri=shop.uri)
    stump = config.training.booster.model_copy(update={"rounds": 1, "num_leaves": 2})
    stagecast.train(shop.frame, EARLIER, config.overridden("training", booster=stump))
    stagecast.train(shop.frame, AS_OF, config, spec="rivals/1")
    stagecast.promote("rivals/1", config, force="whoever comes first")
    yield Rivals(shop, settings)
    mlflow.set_tracking_uri(shop.uri)


@pytest.fixture(autouse=True)
def _back(rivals: Rivals) -> Iterator[None]:
    yield
    rivals.client.set_registered_model_alias("rivals", "champion", "1")


def said_by_the_champion(rivals: Rivals) -> float:
    """Mean log loss of order of version 1 at the cut-off that judged version 2, from scores and orders alone."""
    config = stagecast.Config.load(rivals.settings).overridden(tracking_uri=rivals.shop.uri)
    scores = stagecast.score(rivals.shop.frame, EARLIER, config=config, model="rivals/1").table
    at = rivals.shop.frame["ordered_at"]
    later = rivals.shop.frame[(at >= EARLIER) & (at < pd.Timestamp(EARLIER) + pd.Timedelta(days=28))]
    bought = later.groupby("customer_id")["amount"].sum() >= 0
    ordered = scores["customer_id"].isin(bought.index[bought]).to_numpy()
    return float(log_losses(ordered, scores["p_order"].to_numpy()).mean())


def test_without_the_orders_it_cannot_be_told_and_with_them_the_better_one_wins(run, rivals: Rivals) -> None:
    refused = run(*rivals.promote(2))
    assert refused.code == 4
    assert "the champion has changed since this version was trained" in refused.err
    assert "--orders ORDERS" in refused.err
    assert rivals.champion == "1"

    done = run(*rivals.promote(2, "--orders", rivals.shop.orders))
    assert done.code == 0
    assert done.last == "rivals version 2 is champion now (before: version 1)."
    assert rivals.champion == "2"
    words = str(rivals.client.get_model_version("rivals", "2").description)
    assert "Against champion version 1 itself: " in words
    told = re.search(r"Against champion version 1 itself: log loss of order: ([+-]\d\.\d{4})", words)
    run_id = str(rivals.client.get_model_version("rivals", "2").run_id)
    ours = rivals.client.get_run(run_id).data.metrics["judge/order_log_loss"]
    assert told is not None
    assert float(told[1]) == pytest.approx(ours - said_by_the_champion(rivals), abs=6e-5)


def test_other_orders_are_refused(run, rivals: Rivals) -> None:
    rivals.shop.frame.iloc[:-500].to_parquet("fewer.parquet")
    refused = run(*rivals.promote(2, "--orders", "fewer.parquet"))
    assert refused.code == 3
    assert "these are not the orders that the version was trained on" in refused.err
    assert rivals.champion == "1"


def test_orders_after_its_cutoff_do_not_matter(run, rivals: Rivals) -> None:
    later = rivals.shop.frame.assign(ordered_at=pd.Timestamp("1998-06-01"))
    pd.concat([rivals.shop.frame[rivals.shop.frame["ordered_at"] < AS_OF], later]).to_parquet("grown.parquet")
    assert run(*rivals.promote(2, "--orders", "grown.parquet")).code == 0


def test_force_needs_no_orders(run, rivals: Rivals) -> None:
    done = run(*rivals.promote(2, *FORCE))
    assert done.code == 0
    assert "Gate could not tell" in str(rivals.client.get_model_version("rivals", "2").description)
