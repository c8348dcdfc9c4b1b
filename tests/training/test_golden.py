"""Headline metrics on fixed data: a change that moves the scores shows itself here.

Where a change is meant to move them, write the new numbers down on purpose, with the
versions of the lock, and commit them with the change:

    STAGECAST_UPDATE_GOLDEN=1 .venv/bin/python -m pytest tests/training/test_golden.py
"""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from features.clock import Clock
from features.config import FeatureConfig, StageConfig
from features.history import History
from training.config import BoosterConfig, Recipe, TrainingConfig
from training.log import Log
from training.train import train

GOLDEN = Path(__file__).with_name("golden_metrics.json")
AS_OF = "1998-06-29"


def headline(orders: pd.DataFrame) -> dict[str, float]:
    """Metrics on every eighth customer of CDNOW (2,946 of them), as `stagecast train` would log them."""
    sample = orders[orders["customer_id"].astype(int) % 8 == 0].assign(is_return=False)
    clock = Clock()
    booster = BoosterConfig(rounds=10, learning_rate=0.2)
    training = TrainingConfig(fit_weeks=6, resamples=100, validity_resamples=0, threads=1, booster=booster)
    recipe = Recipe(clock, StageConfig(), FeatureConfig(), training, 28)
    return train(Log.of(History.of(sample)), clock.tick(AS_OF), recipe, lambda _: None).judgement.headline()


@pytest.mark.slow
def test_the_headline_metrics_on_cdnow_have_not_moved(cdnow_orders: pd.DataFrame) -> None:
    found = headline(cdnow_orders)
    if os.environ.get("STAGECAST_UPDATE_GOLDEN"):
        GOLDEN.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        pytest.skip("the golden metrics were written anew")

    assert found == pytest.approx(json.loads(GOLDEN.read_text(encoding="utf-8")), abs=1e-6)
