"""The key of kept forecasts: all that may change a forecast changes it, and nothing else does."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.clock import Clock
from features.config import ClockConfig, FeatureConfig, StageConfig
from features.history import History
from features.tables.config import EventsConfig
from features.tables.load import clean_table
from training.backtest import key as module
from training.backtest.key import WITHOUT_EFFECT, key
from training.backtest.plan import Plan
from training.config import BoosterConfig, Recipe, TrainingConfig

OTHER = {
    "period": "35d",
    "leave_out": ("year_*",),
    "booster": BoosterConfig(rounds=9),
    "customers": 5000,
    "calibration_trust": 0.25,
    "experiment": "another",
    "model_name": "another",
}
"""Another value of some settings; numbers get one more, and what is made of parts goes."""


def other(name: str, value: object) -> object:
    if name in OTHER or not isinstance(value, int):
        return OTHER.get(name)
    return not value if isinstance(value, bool) else value + 1


@pytest.fixture
def of(planned: Plan) -> Callable[..., str]:
    def of(history: History = planned.history, recipe: Recipe = planned.recipe, **parts: object) -> str:
        return key(history, planned.spec, replace(recipe, **parts))  # type: ignore[arg-type]

    return of


@pytest.mark.parametrize("name", sorted(TrainingConfig.model_fields))
def test_a_setting_changes_it_unless_it_changes_no_forecast(name: str, planned: Plan, of: Callable[..., str]) -> None:
    training = planned.recipe.training
    changed = training.model_copy(update={name: other(name, getattr(training, name))})

    assert (of(training=changed) == of()) == (name in WITHOUT_EFFECT)


def test_so_do_the_settings_of_clock_stages_and_features(planned: Plan, of: Callable[..., str]) -> None:
    others = [
        of(clock=Clock("tue")),
        of(period_days=35),
        of(stages=StageConfig(quantile=0.8)),
        of(features=FeatureConfig(windows=(4, 8))),
        of(features=FeatureConfig(own={"x": "ratio(order_days_4w, order_days_8w)"})),
        key(planned.history, planned.spec.model_copy(update={"silent_after": (1.0, 2.0, 3.0, 4.0)}), planned.recipe),
    ]

    assert len({of(), *others}) == 1 + len(others)
    alike = planned.recipe.features.model_copy(update={"threads": 3, "partition_lines": 5})
    assert of(features=alike) == of()


def test_one_changed_cell_changes_it_and_the_order_of_rows_does_not(
    orders: pd.DataFrame, of: Callable[..., str]
) -> None:
    shuffled = orders.sample(frac=1, random_state=1)
    dearer = orders.assign(amount=orders["amount"] + np.where(np.arange(len(orders)) == 17, 0.01, 0))
    renamed = orders.assign(customer_id=orders["customer_id"].replace("client-0003", "client-0003b"))

    assert of(History.of(shuffled)) == of()
    assert len({of(), of(History.of(dearer)), of(History.of(renamed))}) == 3


def test_a_table_beside_the_orders_changes_it(history: History, of: Callable[..., str]) -> None:
    def visits(value: float) -> History:
        raw = pd.DataFrame({"customer_id": ["client-0003"], "happened_at": ["2020-05-05"], "value": [value]})
        return history.joined({"visits": clean_table(raw, EventsConfig(), ClockConfig()).table})

    assert len({of(), of(visits(1.0)), of(visits(2.0))}) == 3


def test_code_changes_it(of: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = of()
    monkeypatch.setattr(module, "_code", lambda: "another version")
    assert of() != before
    monkeypatch.syspath_prepend(tmp_path)
    mine = tmp_path / "mine_for_the_key.py"
    given = FeatureConfig(code=("mine_for_the_key:x",))
    mine.write_text("x = 1\n")
    first = of(features=given)
    mine.write_text("x = 2\n")
    assert of(features=given) != first


def test_the_code_is_all_of_features_and_training(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for package in ("features", "training"):
        (tmp_path / package / "inner").mkdir(parents=True)
        (tmp_path / package / "inner" / "a.py").write_text("1")
    monkeypatch.setattr(module, "_folder", lambda package: tmp_path / package)
    found = set()
    for change in (None, "features/inner/a.py", "training/inner/a.py", "training/b.py"):
        if change:
            (tmp_path / change).write_text("2")
        found.add(module._code.__wrapped__())
    assert len(found) == 4
    (tmp_path / "training" / "notes.txt").write_text("3")
    assert module._code.__wrapped__() in found
