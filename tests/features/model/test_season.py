"""The season of a cut-off: found by its date, added to the period's log odds of an order, and kept out of all else."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.clock import to_day
from features.model.bundle import read_bundle, write_bundle
from features.model.forecast import Calibration, Model
from features.model.horizon import Horizon
from features.model.onward import Onward, Seen
from features.model.risk import risk_weights
from features.model.season import Seasons
from features.model.waiting import Waiting

FIRST = date(2022, 1, 3)
WAITING = Waiting(r=0.8, alpha=5, a=1, b=3)
ONWARD = Onward(level=0.1, slopes=(0.1, -0.1, 0.1, 0, 0, 0, 0.05))
tables = st.integers(1, 120).map(lambda weeks: Seasons(first=FIRST, shifts=tuple(0.01 * (k + 1) for k in range(weeks))))


@given(tables, st.lists(st.integers(-800, 3000), min_size=1, max_size=20))
def test_the_newest_week_that_lies_whole_years_before(seasons: Seasons, days: list[int]) -> None:
    known = {FIRST + timedelta(weeks=k): shift for k, shift in enumerate(seasons.shifts)}

    def looked_up(day: date) -> float:
        tick = day - timedelta(days=(day - FIRST).days % 7)
        before = [tick - timedelta(weeks=52 * years) for years in range(1, 20)]
        return next((known[week] for week in before if week in known), 0.0)

    expected = [looked_up(FIRST + timedelta(days=day)) for day in days]
    np.testing.assert_array_equal(seasons.at(np.array(days) + to_day(FIRST)), expected)


@pytest.fixture(scope="module")
def seasonal(model: Model) -> Model:
    calibration = model.calibration.model_copy(
        update={"waiting": WAITING, "onward": ONWARD, "seasons": Seasons(first=FIRST, shifts=(0.4, -0.6))}
    )
    return replace(model, calibration=calibration)


BUSY = to_day(FIRST) + 364


def test_a_season_is_another_level_of_the_period(seasonal: Model, features: pd.DataFrame) -> None:
    """Whoever knew the season beforehand would have moved the level by as much."""
    blend = seasonal.calibration.order
    moved = seasonal.calibration.model_copy(update={"order": blend.model_copy(update={"c": blend.c + 0.4})})
    by_hand = replace(seasonal, calibration=moved)
    busy = seasonal.at(BUSY)
    ours, theirs, usual = (one.forecast(features, threads=1) for one in (busy, by_hand, seasonal))

    for mine, other in zip((ours.stages, ours.p_order), (theirs.stages, theirs.p_order), strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-12)
    for mine, other in ((ours.period.spend, theirs.period.spend), (ours.period.orders, theirs.period.orders)):
        np.testing.assert_allclose(mine, other, rtol=1e-9)
    np.testing.assert_allclose(busy.p_regression(features, threads=1), ours.p_regression, rtol=1e-12)
    pd.testing.assert_frame_equal(risk_weights(busy, features, 1), risk_weights(by_hand, features, 1), rtol=1e-9)
    more = ours.year.orders - usual.year.orders
    np.testing.assert_allclose(more, ours.period.orders - usual.period.orders, rtol=1e-6, atol=1e-9)


def test_each_row_has_its_own_cutoff(seasonal: Model, features: pd.DataFrame) -> None:
    cutoffs = BUSY + 7 * (np.arange(len(features)) % 3)
    said = seasonal.at(cutoffs).forecast(features, threads=1)

    for week, usual in enumerate((False, False, True)):
        here = cutoffs == BUSY + 7 * week
        alone = (seasonal if usual else seasonal.at(BUSY + 7 * week)).forecast(features[here], threads=1)
        np.testing.assert_array_equal(said.stages[here], alone.stages)
        np.testing.assert_array_equal(said.year.spend[here], alone.year.spend)


def test_without_seasons_a_cutoff_changes_nothing(model: Model) -> None:
    assert model.at(BUSY) is model


def test_they_are_kept_as_data(seasonal: Model, tmp_path: Path) -> None:
    kept = read_bundle(tmp_path / "bundle", write_bundle(seasonal, tmp_path / "bundle"))

    assert kept.calibration == seasonal.calibration
    assert '"first": "2022-01-03"' in (tmp_path / "bundle" / "calibration.json").read_text()


def test_calibrations_of_before_are_read() -> None:
    old = Calibration().model_dump_json(exclude={"seasons"})

    assert Calibration.model_validate_json(old) == Calibration()


@given(st.floats(-1, 1), st.integers(1, 364), st.integers(1, 364), st.sampled_from([None, ONWARD]))
def test_the_season_moves_the_hazard_of_the_period_alone(
    season: float, one: int, other: int, onward: Onward | None
) -> None:
    seen = Seen(*(np.array(column, float) for column in ([3, 200], [90, 600], [4, 1], [20, 50])))
    usual = Horizon(np.array([0.3, -2.5]), 28, 364, seen, WAITING, onward)
    busy = replace(usual, season=season)
    sooner, later = sorted((one, other))

    def hazard(horizon: Horizon, days: int) -> np.ndarray:
        return np.logaddexp(0, horizon.logit(days))

    assert (busy.logit(later) >= busy.logit(sooner) - 1e-9).all()
    np.testing.assert_allclose(busy.logit(28), usual.first + season, rtol=1e-6, atol=1e-6)
    more = hazard(busy, 28) - hazard(usual, 28)
    np.testing.assert_allclose(hazard(busy, 28 + one) - hazard(usual, 28 + one), more, rtol=1e-4, atol=1e-6)
