"""What a training keeps of the world it saw."""

from collections.abc import Callable
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from features.clock import to_date
from features.model.reference import Reference, distance, p_count
from features.model.season import Seasons
from training.reference import gains, reference_of
from training.table import Table
from training.train import Trained


@pytest.fixture(scope="module")
def reference(trained: Trained) -> Reference:
    return trained.model.reference


def test_its_cut_offs(trained: Trained, reference: Reference) -> None:
    fit, newest = trained.shipped.fit, trained.shipped.calibrate[-1]

    assert reference.cutoff == to_date(newest).isoformat()
    cutoffs = [*fit, *trained.shipped.calibrate]
    assert reference.lags == tuple(sorted({abs(a - b) // 7 for a in cutoffs for b in cutoffs} - {0}))


def test_only_what_the_model_uses(trained: Trained, reference: Reference) -> None:
    shares = gains(trained.model)
    used = {feature for text in trained.model.boosters.values() for feature in _split_on(text)}

    assert sum(shares.values()) == pytest.approx(1)
    assert {name for name, share in shares.items() if share > 0} == set(reference.features) == used
    assert sum(one.gain for one in reference.features.values()) == pytest.approx(1, abs=1e-4)


def _split_on(text: str) -> set[str]:
    booster = lgb.Booster(model_str=text)
    times = booster.feature_importance("split")
    return {name for name, split in zip(booster.feature_name(), times, strict=True) if split}


def test_bins_hold_a_tenth_each_where_values_differ(reference: Reference) -> None:
    tenure = reference.features["tenure"]
    shares = np.array(tenure.counts) / sum(tenure.counts)

    assert len(tenure.edges) == 9
    assert shares[:-1] == pytest.approx(0.1, abs=0.03)
    assert shares[-1] == 0


def test_normal_is_the_largest_distance_of_two_cut_offs_no_further_apart(
    trained: Trained, reference: Reference, table_at: Callable[..., Table]
) -> None:
    tenure, cutoffs = reference.features["tenure"], [*trained.shipped.fit, *trained.shipped.calibrate]
    counts = {cutoff: reference.count(table_at([cutoff]).features)["tenure"] for cutoff in cutoffs}
    for lag, normal in zip(reference.lags, tenure.normal, strict=True):
        apart = [distance(counts[a], counts[b]) for a in cutoffs for b in cutoffs if 0 < a - b <= 7 * lag]
        assert normal == pytest.approx(max(apart), abs=1e-6)

    assert all(len(one.normal) == len(reference.lags) for one in reference.scores.values())


def test_probabilities_are_the_model_s_own(
    trained: Trained, reference: Reference, table_at: Callable[..., Table]
) -> None:
    p = trained.model.forecast(table_at(trained.shipped.calibrate[-1:]).features, threads=1)
    for name, one in reference.scores.items():
        expected = pd.cut(pd.Series(getattr(p, name)), np.arange(21) / 20, right=False).value_counts(sort=False)
        assert list(one.counts) == [*expected, 0]


def test_scoring_at_the_reference_cut_off_counts_the_same(
    trained: Trained, reference: Reference, table_at: Callable[..., Table]
) -> None:
    counted = reference.count(table_at(trained.shipped.calibrate[-1:]).features)

    assert counted == {name: one.counts for name, one in reference.features.items()}


def test_probabilities_are_kept_in_the_season_of_their_own_week(trained: Trained, calibrated_on: Table) -> None:
    """So a model that expects last December again does not call this one drift."""
    newest = int(calibrated_on.snapshots.cutoff.max())
    calibration = trained.model.calibration.model_copy(update={"seasons": Seasons(first=to_date(newest), shifts=(1,))})
    seasonal = replace(trained.model, calibration=calibration)
    kept = reference_of(seasonal, [calibrated_on], threads=1).scores["p_order"]
    a_year_later = seasonal.at(newest + 364).forecast(calibrated_on.features, threads=1).p_order

    assert kept.counts[:-1] == tuple(p_count(a_year_later))
    assert kept.counts != reference_of(trained.model, [calibrated_on], threads=1).scores["p_order"].counts
